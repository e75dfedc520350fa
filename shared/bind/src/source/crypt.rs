//! Decryption with the empty password: the standard security handler, revisions 2 to 6
//! (ISO 32000-2 §7.6.4).

use super::budget::Fault;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Aes256};
use lopdf::{Dictionary, Object, ObjectId};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

/// What passwords of up to revision 4 are filled up with (§7.6.4.3.2); the whole of an empty one.
const PADDING: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08,
    0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];

/// How a class of data is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Identity,
    Rc4,
    Aes128,
    Aes256,
}

/// The key of a file and what it opens.
pub(super) struct Crypt {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    files: Method,
    filters: Vec<(Vec<u8>, Method)>,
    metadata: bool,
}

impl Crypt {
    /// Finds the key. `dictionary` has no references; `id` is the first half of the file's `ID`.
    pub(super) fn open(dictionary: &Dictionary, id: &[u8]) -> Result<Self, Fault> {
        let integer = |key: &[u8]| dictionary.get(key).and_then(Object::as_i64).ok();
        let string = |key: &[u8]| dictionary.get(key).and_then(Object::as_str).ok();
        if !matches!(dictionary.get(b"Filter"), Ok(Object::Name(name)) if name == b"Standard") {
            return Err(Fault::Locked);
        }
        let version = integer(b"V").unwrap_or(0);
        let revision = integer(b"R").unwrap_or(0);
        let metadata = !matches!(
            dictionary.get(b"EncryptMetadata"),
            Ok(Object::Boolean(false))
        );
        let (Some(owner), Some(user)) = (string(b"O"), string(b"U")) else {
            return Err(Fault::Locked);
        };
        let mut filters = Vec::new();
        let whole = match version {
            1 | 2 => Method::Rc4,
            4 | 5 => {
                filters = crypt_filters(dictionary);
                Method::Identity
            }
            _ => return Err(Fault::Locked),
        };
        let chosen = |key: &[u8], default: Method| match dictionary.get(key) {
            Ok(Object::Name(name)) => named(&filters, name),
            _ => Ok(default),
        };
        let (mut strings, mut streams) = (whole, whole);
        if version >= 4 {
            strings = chosen(b"StrF", Method::Identity)?;
            streams = chosen(b"StmF", Method::Identity)?;
        }
        let files = if version >= 4 {
            chosen(b"EFF", streams)?
        } else {
            streams
        };
        let key = match revision {
            2..=4 => {
                let bits = match version {
                    1 => 40,
                    4 => 128,
                    // Without a length it is 40, but some who did not say so had 128.
                    _ => integer(b"Length").unwrap_or(40),
                };
                // Some write bytes.
                let bytes = if bits < 40 { bits } else { bits / 8 };
                let length = usize::try_from(bytes).unwrap_or(0).clamp(5, 16);
                let unsaid = version > 1 && !dictionary.has(b"Length");
                let permissions = integer(b"P").unwrap_or(0);
                let mut legacy = Legacy {
                    revision,
                    owner,
                    user,
                    id,
                    // Written as a signed or as an unsigned number of 32 bits.
                    permissions: permissions.to_le_bytes()[..4].try_into().unwrap_or([0; 4]),
                    metadata,
                    length,
                };
                match legacy.key() {
                    Err(Fault::Locked) if unsaid && revision > 2 => {
                        legacy.length = 16;
                        legacy.key()?
                    }
                    key => key?,
                }
            }
            5 | 6 => modern_key(dictionary, user, revision)?,
            _ => return Err(Fault::Locked),
        };
        Ok(Self {
            key,
            strings,
            streams,
            files,
            filters,
            metadata,
        })
    }

    /// Decrypts the strings of an object.
    pub(super) fn strings(&self, id: ObjectId, object: &mut Object) {
        match object {
            Object::String(text, _) => {
                *text = self.decrypt(self.strings, id, std::mem::take(text));
            }
            Object::Array(items) => items.iter_mut().for_each(|item| self.strings(id, item)),
            Object::Dictionary(dictionary) => self.dictionary(id, dictionary),
            _ => {}
        }
    }

    /// Decrypts the strings of a dictionary.
    pub(super) fn dictionary(&self, id: ObjectId, dictionary: &mut Dictionary) {
        for (_, value) in dictionary.iter_mut() {
            self.strings(id, value);
        }
    }

    /// Decrypts a stream's data, and takes the filter that said how off its dictionary.
    pub(super) fn stream(
        &self,
        id: ObjectId,
        dictionary: &mut Dictionary,
        data: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        // Cross-reference streams are never encrypted (§7.5.8.2).
        if dictionary.has_type(b"XRef") {
            return Ok(data.to_vec());
        }
        let method = match take_crypt_filter(dictionary) {
            Some(name) => named(&self.filters, &name)?,
            None if dictionary.has_type(b"Metadata") && !self.metadata => Method::Identity,
            None if dictionary.has_type(b"EmbeddedFile") => self.files,
            None => self.streams,
        };
        Ok(self.decrypt(method, id, data.to_vec()))
    }

    fn decrypt(&self, method: Method, id: ObjectId, mut data: Vec<u8>) -> Vec<u8> {
        match method {
            Method::Identity => data,
            Method::Rc4 => {
                rc4(&self.object_key(id, false), &mut data);
                data
            }
            Method::Aes128 => aes(data, |iv, blocks| {
                let key: [u8; 16] = self.object_key(id, true).try_into().unwrap_or([0; 16]);
                let decryptor = cbc::Decryptor::<Aes128>::new(&key.into(), iv.into());
                decryptor.decrypt_padded::<NoPadding>(blocks).is_ok()
            }),
            Method::Aes256 => aes(data, |iv, blocks| {
                let key: [u8; 32] = self.key.as_slice().try_into().unwrap_or([0; 32]);
                let decryptor = cbc::Decryptor::<Aes256>::new(&key.into(), iv.into());
                decryptor.decrypt_padded::<NoPadding>(blocks).is_ok()
            }),
        }
    }

    /// Algorithm 1 (§7.6.3.2).
    fn object_key(&self, id: ObjectId, aes: bool) -> Vec<u8> {
        let mut digest = Md5::new();
        digest.update(&self.key);
        digest.update(&id.0.to_le_bytes()[..3]);
        digest.update(id.1.to_le_bytes());
        if aes {
            digest.update(b"sAlT");
        }
        let length = if aes {
            16
        } else {
            (self.key.len() + 5).min(16)
        };
        digest.finalize()[..length].to_vec()
    }
}

/// `CF` (table 25).
fn crypt_filters(dictionary: &Dictionary) -> Vec<(Vec<u8>, Method)> {
    let Ok(Object::Dictionary(filters)) = dictionary.get(b"CF") else {
        return Vec::new();
    };
    filters
        .iter()
        .filter_map(|(name, filter)| {
            let method = match filter.as_dict().ok()?.get(b"CFM").ok()?.as_name().ok()? {
                b"V2" => Method::Rc4,
                b"AESV2" => Method::Aes128,
                b"AESV3" => Method::Aes256,
                b"None" => Method::Identity,
                _ => return None,
            };
            Some((name.clone(), method))
        })
        .collect()
}

fn named(filters: &[(Vec<u8>, Method)], name: &[u8]) -> Result<Method, Fault> {
    if name == b"Identity" {
        return Ok(Method::Identity);
    }
    let found = filters.iter().find(|(own, _)| own == name);
    found.map(|&(_, method)| method).ok_or(Fault::Locked)
}

/// Takes `Crypt` out of a stream's filters, with its parameters; gives the name of the crypt filter.
pub(super) fn take_crypt_filter(dictionary: &mut Dictionary) -> Option<Vec<u8>> {
    let is_crypt = |object: &Object| object.as_name().is_ok_and(|name| name == b"Crypt");
    let name = |parameters: Option<&Object>| match parameters {
        Some(Object::Dictionary(parameters)) => match parameters.get(b"Name") {
            Ok(Object::Name(name)) => name.clone(),
            _ => b"Identity".to_vec(),
        },
        _ => b"Identity".to_vec(),
    };
    match dictionary.get(b"Filter").ok()? {
        single if is_crypt(single) => {
            let parameters = match dictionary.get(b"DecodeParms").ok() {
                Some(Object::Array(items)) => items.first(),
                other => other,
            };
            let name = name(parameters);
            dictionary.remove(b"Filter");
            dictionary.remove(b"DecodeParms");
            Some(name)
        }
        Object::Array(filters) => {
            let at = filters.iter().position(is_crypt)?;
            let mut filters = filters.clone();
            filters.remove(at);
            let mut taken = None;
            if let Ok(Object::Array(parameters)) = dictionary.get(b"DecodeParms") {
                let mut parameters = parameters.clone();
                if at < parameters.len() {
                    taken = Some(parameters.remove(at));
                }
                dictionary.set("DecodeParms", parameters);
            }
            dictionary.set("Filter", filters);
            Some(name(taken.as_ref()))
        }
        _ => None,
    }
}

/// What the key of revisions 2 to 4 is made from.
struct Legacy<'a> {
    revision: i64,
    owner: &'a [u8],
    user: &'a [u8],
    id: &'a [u8],
    permissions: [u8; 4],
    metadata: bool,
    length: usize,
}

impl Legacy<'_> {
    /// Algorithm 2 (§7.6.4.3.2) for the empty password, checked by algorithm 6 (§7.6.4.4.6).
    fn key(&self) -> Result<Vec<u8>, Fault> {
        let mut digest = Md5::new();
        digest.update(PADDING);
        digest.update(self.owner.get(..32).unwrap_or(self.owner));
        digest.update(self.permissions);
        digest.update(self.id);
        if self.revision >= 4 && !self.metadata {
            digest.update([0xff; 4]);
        }
        let length = if self.revision == 2 { 5 } else { self.length };
        let mut key = digest.finalize().to_vec();
        if self.revision >= 3 {
            for _ in 0..50 {
                key = Md5::digest(&key[..length]).to_vec();
            }
        }
        key.truncate(length);
        if self.opens(&key) {
            Ok(key)
        } else {
            Err(Fault::Locked)
        }
    }

    fn opens(&self, key: &[u8]) -> bool {
        if self.revision == 2 {
            let mut check = PADDING.to_vec();
            rc4(key, &mut check);
            return self.user.get(..32) == Some(&check);
        }
        let mut digest = Md5::new();
        digest.update(PADDING);
        digest.update(self.id);
        let mut check = digest.finalize().to_vec();
        for round in 0..20_u8 {
            let key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
            rc4(&key, &mut check);
        }
        self.user.get(..16) == Some(&check)
    }
}

/// Algorithm 2.A (§7.6.4.3.3) for an empty password, the user's or the owner's.
fn modern_key(dictionary: &Dictionary, user: &[u8], revision: i64) -> Result<Vec<u8>, Fault> {
    let string = |key: &[u8]| dictionary.get(key).and_then(Object::as_str).ok();
    let user = user.get(..48).ok_or(Fault::Locked)?;
    let owner = string(b"O").and_then(|owner| owner.get(..48));
    let unwrapped = |check: &[u8], wrapped: Option<&[u8]>, more: &[u8]| -> Option<Vec<u8>> {
        let hash = |salt: &[u8]| {
            if revision == 5 {
                Sha256::digest([salt, more].concat()).to_vec()
            } else {
                hardened(b"", salt, more)
            }
        };
        if hash(&check[32..40]) != check[..32] {
            return None;
        }
        let wrapping: [u8; 32] = hash(&check[40..48]).try_into().ok()?;
        let mut key: [u8; 32] = wrapped?.get(..32)?.try_into().ok()?;
        cbc::Decryptor::<Aes256>::new(&wrapping.into(), &[0; 16].into())
            .decrypt_padded::<NoPadding>(&mut key)
            .ok()?;
        Some(key.to_vec())
    };
    unwrapped(user, string(b"UE"), b"")
        .or_else(|| unwrapped(owner?, string(b"OE"), user))
        .ok_or(Fault::Locked)
}

/// Algorithm 2.B (§7.6.4.3.4); the owner's password has the user's hash behind it.
pub(crate) fn hardened(password: &[u8], salt: &[u8], more: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest([password, salt, more].concat()).to_vec();
    let mut round = 0;
    loop {
        let mut data = [password, key.as_slice(), more].concat().repeat(64);
        let length = data.len();
        let aes_key: [u8; 16] = key[..16].try_into().unwrap_or([0; 16]);
        let iv: [u8; 16] = key[16..32].try_into().unwrap_or([0; 16]);
        // The length is a multiple of the block's: everything is there 64 times.
        let encrypted = cbc::Encryptor::<Aes128>::new(&aes_key.into(), &iv.into())
            .encrypt_padded::<NoPadding>(&mut data, length);
        debug_assert!(encrypted.is_ok());
        let modulo = data[..16].iter().map(|&byte| u32::from(byte)).sum::<u32>() % 3;
        key = match modulo {
            0 => Sha256::digest(&data).to_vec(),
            1 => Sha384::digest(&data).to_vec(),
            _ => Sha512::digest(&data).to_vec(),
        };
        round += 1;
        let last = data.last().copied().unwrap_or(0);
        if round >= 64 && u32::from(last) <= round - 32 {
            key.truncate(32);
            return key;
        }
    }
}

/// Initialization vector in front, padding behind (§7.6.3.1). Broken padding stays.
fn aes(mut data: Vec<u8>, decrypt: impl FnOnce(&[u8; 16], &mut [u8]) -> bool) -> Vec<u8> {
    let Some((iv, _)) = data.split_first_chunk::<16>() else {
        return Vec::new();
    };
    let iv = *iv;
    data.drain(..16);
    data.truncate(data.len() / 16 * 16);
    if !decrypt(&iv, &mut data) {
        return Vec::new();
    }
    let padding = usize::from(data.last().copied().unwrap_or(0));
    if (1..=16).contains(&padding)
        && let Some(text) = data.len().checked_sub(padding)
        && data[text..]
            .iter()
            .all(|&byte| usize::from(byte) == padding)
    {
        data.truncate(text);
    }
    data
}

fn rc4(key: &[u8], data: &mut [u8]) {
    let mut state: [u8; 256] = std::array::from_fn(|index| index.to_le_bytes()[0]);
    let mut j = 0_u8;
    for i in 0..256 {
        j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    for byte in data {
        i = i.wrapping_add(1);
        j = j.wrapping_add(state[usize::from(i)]);
        state.swap(usize::from(i), usize::from(j));
        let sum = state[usize::from(i)].wrapping_add(state[usize::from(j)]);
        *byte ^= state[usize::from(sum)];
    }
}
