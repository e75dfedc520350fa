//! Encryption of volumes: AES-256 with the standard security handler, revision 6 (ISO 32000-2 §7.6.4).
//!
//! Where the specification wants random numbers, hashes of the passwords and the caller's seed stand in:
//! the same merge gives the same bytes, and who has no password learns nothing.

use crate::options::{Permissions, Protection};
use crate::source::crypt::hardened;
use aes::Aes256;
use aes::cipher::block_padding::{NoPadding, Pkcs7};
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use fanfold_pdf::Protect;
use lopdf::{Dictionary, Object, StringFormat};
use sha2::{Digest, Sha256};

/// Longer passwords are cut off here (§7.6.4.3.3).
const MOST_PASSWORD: usize = 127;

/// The key of a volume, and the dictionary that leads to it.
pub(crate) struct Sealer {
    key: [u8; 32],
    dictionary: Dictionary,
}

impl Sealer {
    pub(crate) fn new(protection: &Protection) -> Self {
        let user = cut(&protection.user_password);
        let owner = match cut(&protection.owner_password) {
            [] => user,
            owner => owner,
        };
        let derived = |purpose: &[u8]| -> [u8; 32] {
            let mut digest = Sha256::new();
            for part in [purpose, user, owner, &protection.seed] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
            digest.finalize().into()
        };
        let key = derived(b"fanfold file key");
        // Algorithm 8: the user's hash and salts, and the key for the user.
        let salts = derived(b"fanfold user salts");
        let mut u = hardened(user, &salts[..8], b"");
        u.extend_from_slice(&salts[..16]);
        let ue = wrapped(&hardened(user, &salts[8..16], b""), &key);
        // Algorithm 9: the owner's, which depend on the user's.
        let salts = derived(b"fanfold owner salts");
        let mut o = hardened(owner, &salts[..8], &u);
        o.extend_from_slice(&salts[..16]);
        let oe = wrapped(&hardened(owner, &salts[8..16], &u), &key);
        // Algorithm 10: the permissions, so that no one can change them.
        let flags = flags(protection.permissions);
        let mut perms = [0; 16];
        perms[..4].copy_from_slice(&flags.to_le_bytes());
        perms[4..8].fill(0xff);
        perms[8..12].copy_from_slice(b"Tadb");
        perms[12..].copy_from_slice(&derived(b"fanfold permissions")[..4]);
        // One block without an initialization vector: ECB.
        let perms = blocks(&key, &[0; 16], &perms);
        let text = |bytes: Vec<u8>| Object::String(bytes, StringFormat::Hexadecimal);
        let mut filter = Dictionary::new();
        filter.set("AuthEvent", Object::Name(b"DocOpen".to_vec()));
        filter.set("CFM", Object::Name(b"AESV3".to_vec()));
        filter.set("Length", 32);
        let mut filters = Dictionary::new();
        filters.set("StdCF", filter);
        let mut dictionary = Dictionary::new();
        dictionary.set("Filter", Object::Name(b"Standard".to_vec()));
        dictionary.set("V", 5);
        dictionary.set("R", 6);
        dictionary.set("Length", 256);
        dictionary.set("CF", filters);
        dictionary.set("StmF", Object::Name(b"StdCF".to_vec()));
        dictionary.set("StrF", Object::Name(b"StdCF".to_vec()));
        dictionary.set("U", text(u));
        dictionary.set("UE", text(ue));
        dictionary.set("O", text(o));
        dictionary.set("OE", text(oe));
        dictionary.set("P", i64::from(flags));
        dictionary.set("Perms", text(perms));
        Self { key, dictionary }
    }
}

impl Protect for Sealer {
    fn dictionary(&self) -> Dictionary {
        self.dictionary.clone()
    }

    fn seal(&self, number: u32, part: u32, data: &[u8]) -> Vec<u8> {
        // No vector comes twice, and none can be foreseen without the key.
        let mut digest = Sha256::new();
        digest.update(self.key);
        digest.update(number.to_be_bytes());
        digest.update(part.to_be_bytes());
        digest.update(data);
        let mut iv = [0; 16];
        iv.copy_from_slice(&digest.finalize()[..16]);
        let mut sealed = iv.to_vec();
        let encryptor = cbc::Encryptor::<Aes256>::new(&self.key.into(), &iv.into());
        let start = sealed.len();
        sealed.extend_from_slice(data);
        sealed.resize(start + (data.len() / 16 + 1) * 16, 0);
        let padded = encryptor.encrypt_padded::<Pkcs7>(&mut sealed[start..], data.len());
        debug_assert!(padded.is_ok());
        sealed
    }
}

fn cut(password: &str) -> &[u8] {
    let bytes = password.as_bytes();
    bytes.get(..MOST_PASSWORD).unwrap_or(bytes)
}

/// The file's key under a key of 32 bytes.
fn wrapped(under: &[u8], key: &[u8; 32]) -> Vec<u8> {
    let mut own = [0; 32];
    own.copy_from_slice(&under[..32]);
    blocks(&own, &[0; 16], key)
}

fn blocks(key: &[u8; 32], iv: &[u8; 16], data: &[u8]) -> Vec<u8> {
    let mut sealed = data.to_vec();
    let length = sealed.len();
    // The length is a multiple of the block's.
    let encrypted = cbc::Encryptor::<Aes256>::new(&(*key).into(), &(*iv).into())
        .encrypt_padded::<NoPadding>(&mut sealed, length);
    debug_assert!(encrypted.is_ok());
    sealed
}

/// Table 22; bits that are not told are set, as it asks.
fn flags(permissions: Permissions) -> i32 {
    let mut flags = -4_i32;
    for (allowed, bits) in [
        (permissions.print, 1 << 2 | 1 << 11),
        (permissions.modify, 1 << 3 | 1 << 10),
        (permissions.copy, 1 << 4),
        (permissions.annotate, 1 << 5 | 1 << 8),
    ] {
        if !allowed {
            flags &= !bits;
        }
    }
    flags
}
