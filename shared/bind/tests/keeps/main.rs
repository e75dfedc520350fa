//! What a volume keeps of forms, tags, layers, files and threads, read back with lopdf.

mod modes;
mod names;
mod resources;

use fanfold_bind::{BindOptions, Binder, Input, Summary};
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::{BTreeMap, BTreeSet};

/// A PDF of these objects, numbered from 1; the first is the catalog, the second the page tree's root.
fn pdf(objects: &[&str]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", index + 1).as_bytes());
    }
    let start = file.len();
    let count = objects.len() + 1;
    file.extend_from_slice(format!("xref\n0 {count}\n0000000000 65535 f \n").as_bytes());
    for offset in offsets {
        file.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    file.extend_from_slice(
        format!("trailer\n<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    file
}

fn merged(parts: &[&[u8]]) -> (Document, Summary) {
    merged_as(BindOptions::default(), parts)
}

fn merged_as(options: BindOptions, parts: &[&[u8]]) -> (Document, Summary) {
    let mut binder = Binder::new(Vec::new(), options).expect("memory takes all");
    for (index, bytes) in parts.iter().enumerate() {
        let name = format!("{index}.pdf");
        binder
            .add(Input {
                name: &name,
                title: None,
                bytes,
            })
            .expect("a good part");
    }
    let (bytes, summary) = binder.finish_into().expect("memory takes all");
    (Document::load_mem(&bytes).expect("readable"), summary)
}

/// The value of a key, behind references; null where it is missing.
fn get<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &str) -> &'a Object {
    dictionary
        .get(key.as_bytes())
        .map_or(&Object::Null, |value| resolve(document, value))
}

fn resolve<'a>(document: &'a Document, value: &'a Object) -> &'a Object {
    document
        .dereference(value)
        .map_or(&Object::Null, |(_, value)| value)
}

fn dictionary<'a>(document: &'a Document, value: &'a Object) -> &'a Dictionary {
    resolve(document, value).as_dict().expect("a dictionary")
}

fn array<'a>(document: &'a Document, holder: &'a Dictionary, key: &str) -> &'a [Object] {
    get(document, holder, key)
        .as_array()
        .map_or(&[], Vec::as_slice)
}

fn text(value: &Object) -> String {
    match value {
        Object::String(bytes, _) | Object::Name(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        other => format!("{other:?}"),
    }
}

fn catalog(document: &Document) -> &Dictionary {
    document.catalog().expect("a catalog")
}

fn page(document: &Document, number: u32) -> &Dictionary {
    document
        .get_dictionary(document.get_pages()[&number])
        .expect("a page")
}

/// Each widget below the form's fields: full name, value, default appearance.
fn widgets(document: &Document) -> BTreeMap<ObjectId, (String, String, String)> {
    let form = dictionary(document, get(document, catalog(document), "AcroForm"));
    let mut found = BTreeMap::new();
    let mut stack: Vec<(ObjectId, String, String, String)> = array(document, form, "Fields")
        .iter()
        .map(|root| {
            (
                root.as_reference().expect("indirect"),
                String::new(),
                String::new(),
                String::new(),
            )
        })
        .collect();
    while let Some((id, mut name, mut value, mut look)) = stack.pop() {
        let field = document.get_dictionary(id).expect("a field");
        if field.has(b"T") {
            name = format!("{name}/{}", text(get(document, field, "T")));
        }
        if field.has(b"V") {
            value = text(get(document, field, "V"));
        }
        if field.has(b"DA") {
            look = text(get(document, field, "DA"));
        }
        for kid in array(document, field, "Kids") {
            let kid = kid.as_reference().expect("indirect");
            let parent = document
                .get_dictionary(kid)
                .and_then(|kid| kid.get(b"Parent"));
            assert_eq!(
                parent.expect("a parent").as_reference().expect("indirect"),
                id
            );
            stack.push((kid, name.clone(), value.clone(), look.clone()));
        }
        if text(get(document, field, "Subtype")) == "Widget" {
            assert!(
                found.insert(id, (name, value, look)).is_none(),
                "twice in the form"
            );
        }
    }
    found
}

/// The widgets of a page with what the form says of them.
fn fields_of(document: &Document, number: u32) -> Vec<(String, String, String)> {
    let widgets = widgets(document);
    array(document, page(document, number), "Annots")
        .iter()
        .map(|one| widgets[&one.as_reference().expect("indirect")].clone())
        .collect()
}

fn field(name: &str, value: &str, look: &str) -> (String, String, String) {
    (name.to_owned(), value.to_owned(), look.to_owned())
}

const PAGES: &str = "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 100 100]>>";

/// A page with a text field, one of two widgets below a parent that lists only one of them, and a
/// button that is in no field list; the look comes from the form.
fn form(value: &str, font: &str) -> Vec<u8> {
    pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R]/DA(/F 9 Tf 0 g)/Q 1/NeedAppearances true/CO[4 0 R]/DR<</Font<</F 9 0 R/Z 10 0 R>>>>>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R 6 0 R 7 0 R 8 0 R]>>",
        &format!("<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(name)/V({value})/P 3 0 R>>"),
        "<</FT/Tx/T(group)/V(same)/DA(/Z 7 Tf)/Kids[6 0 R]>>",
        "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/Parent 5 0 R>>",
        "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/Parent 5 0 R>>",
        "<</Subtype/Widget/Rect[0 0 9 9]/FT/Btn/T(push)/DA(/F 5 Tf)>>",
        &format!("<</Type/Font/Subtype/Type1/BaseFont/{font}>>"),
        "<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>",
    ])
}

#[test]
fn fields_keep_values_and_get_names_of_their_own() {
    let parts = [
        form("one", "Helvetica"),
        form("two", "Courier"),
        form("three", "Courier"),
    ];
    let (document, summary) = merged(&[&parts[0], &parts[1], &parts[2]]);
    assert_eq!(summary.warnings, []);
    for (number, value, suffix, font) in [
        (1, "one", "", "F"),
        (2, "two", "~2", "F~2"),
        (3, "three", "~3", "F~2"),
    ] {
        let expected = [
            field(
                &format!("/name{suffix}"),
                value,
                &format!("/{font} 9 Tf 0 g"),
            ),
            field(&format!("/group{suffix}"), "same", "/Z 7 Tf"),
            field(&format!("/group{suffix}"), "same", "/Z 7 Tf"),
            field(&format!("/push{suffix}"), "", &format!("/{font} 5 Tf")),
        ];
        assert_eq!(fields_of(&document, number), expected);
    }
    let form = dictionary(&document, get(&document, catalog(&document), "AcroForm"));
    assert_eq!(array(&document, form, "Fields").len(), 9);
    assert_eq!(array(&document, form, "CO").len(), 3);
    assert_eq!(
        get(&document, form, "NeedAppearances"),
        &Object::Boolean(true)
    );
    let fonts = dictionary(&document, get(&document, form, "DR"));
    let fonts = dictionary(&document, get(&document, fonts, "Font"));
    let names: BTreeMap<String, String> = fonts
        .iter()
        .map(|(name, font)| {
            let font = dictionary(&document, font);
            (
                String::from_utf8_lossy(name).into_owned(),
                text(get(&document, font, "BaseFont")),
            )
        })
        .collect();
    let expected = [
        ("F", "Helvetica"),
        ("F~2", "Courier"),
        ("Z", "ZapfDingbats"),
    ];
    assert_eq!(
        names,
        expected
            .map(|(name, font)| (name.to_owned(), font.to_owned()))
            .into()
    );
}

#[test]
fn appearances_stay_where_one_form_does_not_ask_for_new_ones() {
    let asks = form("one", "Helvetica");
    let field = "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(other)/V(x)>>";
    let does_not = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R]>>",
        field,
    ]);
    let (document, summary) = merged(&[&asks, &does_not]);
    let form = dictionary(&document, get(&document, catalog(&document), "AcroForm"));
    assert!(!form.has(b"NeedAppearances"));
    assert!(summary.warnings[0].message.contains("NeedAppearances"));
}

#[test]
fn full_names_never_meet() {
    // `a.b` as one name, and as a field below another; in UTF-16 as well.
    let whole = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R]>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R 5 0 R]>>",
        "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(a.b)>>",
        "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T<FEFF00E9>>>",
    ]);
    let nested = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R 6 0 R]>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R 6 0 R]>>",
        "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(b)/Parent 5 0 R>>",
        "<</T(a)/Kids[4 0 R]>>",
        "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(\\351)>>",
    ]);
    let (document, _) = merged(&[&whole, &nested]);
    let names: Vec<String> = [1, 2]
        .iter()
        .flat_map(|&number| fields_of(&document, number))
        .map(|(name, _, _)| name)
        .collect();
    assert_eq!((names[0].as_str(), names[2].as_str()), ("/a.b", "/a~2/b"));
    assert_ne!(names[1], names[3]);
    assert!(names[3].ends_with("~2"), "{names:?}");
}

#[test]
fn signatures_and_xfa_go_with_a_warning() {
    let signed = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3/XFA(x)>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R]>>",
        "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Sig/T(sign)/V 5 0 R>>",
        "<</Type/Sig/Filter/Adobe.PPKLite/Contents<00>/ByteRange[0 1 2 3]>>",
    ]);
    let (document, summary) = merged(&[&signed]);
    assert_eq!(fields_of(&document, 1), [field("/sign", "", "")]);
    let messages: Vec<&str> = summary
        .warnings
        .iter()
        .map(|one| one.message.as_str())
        .collect();
    assert!(messages[0].contains("signatures removed"), "{messages:?}");
    assert!(messages[1].contains("XFA"), "{messages:?}");
    let form = dictionary(&document, get(&document, catalog(&document), "AcroForm"));
    assert!(!form.has(b"XFA") && !form.has(b"SigFlags"));
}

/// A tagged page: a document with a paragraph of a type of its own, and a link with its annotation.
fn tagged(role: &str, key: i64) -> Vec<u8> {
    // A type that stands for itself, which not all inputs say.
    let itself = if role == "H1" { "/Link/Link" } else { "" };
    pdf(&[
        "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 4 0 R>>",
        PAGES,
        &format!("<</Type/Page/Parent 2 0 R/StructParents {key}/Annots[8 0 R]>>"),
        &format!(
            "<</Type/StructTreeRoot/K 5 0 R/RoleMap<</Text/{role}{itself}>>/ClassMap<</c<</O/Layout/SpaceAfter {}>>>>/IDTree<</Names[(id)7 0 R]>>/ParentTree<</Nums[{key}[6 0 R null 7 0 R]{} 7 0 R]>>>>",
            role.len(),
            key + 1
        ),
        "<</Type/StructElem/S/Document/P 4 0 R/K[6 0 R 7 0 R]>>",
        "<</Type/StructElem/S/Text/P 5 0 R/Pg 3 0 R/K 0/C/c>>",
        "<</S/Link/P 5 0 R/Pg 3 0 R/ID(id)/K[2<</Type/OBJR/Obj 8 0 R>>]>>",
        &format!(
            "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/StructParent {}>>",
            key + 1
        ),
    ])
}

/// The parent tree's entries.
fn parents(document: &Document) -> BTreeMap<i64, &Object> {
    let root = dictionary(document, get(document, catalog(document), "StructTreeRoot"));
    let tree = dictionary(document, get(document, root, "ParentTree"));
    array(document, tree, "Kids")
        .iter()
        .flat_map(|leaf| array(document, dictionary(document, leaf), "Nums").chunks(2))
        .map(|pair| {
            (
                pair[0].as_i64().expect("a number"),
                resolve(document, &pair[1]),
            )
        })
        .collect()
}

/// The types of an element and of all above it, up to the one root.
fn types(document: &Document, element: &Object) -> Vec<String> {
    let root = catalog(document)
        .get(b"StructTreeRoot")
        .and_then(Object::as_reference)
        .expect("a root");
    let mut types = Vec::new();
    let mut element = dictionary(document, element);
    loop {
        types.push(text(get(document, element, "S")));
        let above = element
            .get(b"P")
            .and_then(Object::as_reference)
            .expect("a parent");
        if above == root {
            return types;
        }
        element = document.get_dictionary(above).expect("an element");
    }
}

#[test]
fn tags_of_all_inputs_resolve_below_one_root() {
    let parts = [tagged("P", 0), tagged("H1", 70), tagged("P", 0)];
    let (document, summary) = merged(&[&parts[0], &parts[1], &parts[2]]);
    assert_eq!(summary.warnings, []);
    let info = dictionary(&document, get(&document, catalog(&document), "MarkInfo"));
    assert_eq!(get(&document, info, "Marked"), &Object::Boolean(true));
    let root = dictionary(
        &document,
        get(&document, catalog(&document), "StructTreeRoot"),
    );
    assert_eq!(array(&document, root, "K").len(), 3);
    let parents = parents(&document);
    let roles = dictionary(&document, get(&document, root, "RoleMap"));
    let classes = dictionary(&document, get(&document, root, "ClassMap"));
    for (number, kind, role, class) in [
        (1, "Text", "P", "c"),
        (2, "Text~2", "H1", "c~2"),
        (3, "Text", "P", "c"),
    ] {
        let page = page(&document, number);
        let key = get(&document, page, "StructParents")
            .as_i64()
            .expect("a key");
        let elements = parents[&key].as_array().expect("elements by MCID");
        assert_eq!(types(&document, &elements[0]), [kind, "Document"]);
        assert_eq!(elements[1], Object::Null);
        assert_eq!(types(&document, &elements[2]), ["Link", "Document"]);
        assert_eq!(text(get(&document, roles, kind)), role);
        let paragraph = dictionary(&document, &elements[0]);
        assert_eq!(text(get(&document, paragraph, "C")), class);
        let attributes = dictionary(&document, get(&document, classes, class));
        let expected = Object::Integer(i64::try_from(role.len()).expect("short"));
        assert_eq!(get(&document, attributes, "SpaceAfter"), &expected);
        let annotation = dictionary(&document, &array(&document, page, "Annots")[0]);
        let key = get(&document, annotation, "StructParent")
            .as_i64()
            .expect("a key");
        assert_eq!(types(&document, parents[&key]), ["Link", "Document"]);
    }
    let ids = dictionary(&document, get(&document, root, "IDTree"));
    let ids: Vec<&Object> = array(&document, ids, "Kids")
        .iter()
        .flat_map(|leaf| array(&document, dictionary(&document, leaf), "Names"))
        .collect();
    assert_eq!(ids.len(), 6);
    assert!(
        ids.chunks(2).zip(ids.chunks(2).skip(1)).all(|(one, next)| {
            one[0].as_str().expect("an id") < next[0].as_str().expect("an id")
        })
    );
    for pair in ids.chunks(2) {
        let element = dictionary(&document, pair[1]);
        assert_eq!(get(&document, element, "ID"), pair[0]);
    }
}

/// Three layers, of which the page uses the last, which is not listed.
fn layered(default: &str) -> Vec<u8> {
    pdf(&[
        &format!("<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[4 0 R 5 0 R]/D<<{default}>>>>>>"),
        PAGES,
        "<</Type/Page/Parent 2 0 R/Resources<</Properties<</a 4 0 R/c 6 0 R>>>>>>",
        "<</Type/OCG/Name(a)>>",
        "<</Name(b)>>",
        "<</Type/OCG/Name(c)>>",
    ])
}

#[test]
fn layers_keep_their_default_states() {
    let parts = [
        layered("/OFF[5 0 R]/Order[(Set)[4 0 R 5 0 R]]/Locked[4 0 R]/RBGroups[[4 0 R 5 0 R]]"),
        layered("/BaseState/OFF/ON[5 0 R]/AS[<</Event/Print/OCGs[4 0 R]/Category[/Print]>>]"),
    ];
    let (document, _) = merged(&[&parts[0], &parts[1]]);
    let properties = dictionary(
        &document,
        get(&document, catalog(&document), "OCProperties"),
    );
    let default = dictionary(&document, get(&document, properties, "D"));
    assert!(!default.has(b"BaseState"));
    let off = array(&document, default, "OFF");
    let mut states: Vec<(String, bool)> = array(&document, properties, "OCGs")
        .iter()
        .map(|group| {
            let name = text(get(&document, dictionary(&document, group), "Name"));
            (name, !off.contains(group))
        })
        .collect();
    states.sort();
    let expected = [
        ("a", false),
        ("a", true),
        ("b", false),
        ("b", true),
        ("c", true),
        ("c", true),
    ];
    assert_eq!(states, expected.map(|(name, on)| (name.to_owned(), on)));
    assert_eq!(array(&document, default, "Order").len(), 2);
    for key in ["Locked", "RBGroups", "AS"] {
        assert_eq!(array(&document, default, key).len(), 1, "{key}");
    }
}

#[test]
fn attached_files_keep_their_content() {
    let part = |content: &str| {
        pdf(&[
            "<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(data.txt)4 0 R]>>>>/AF[4 0 R]>>",
            PAGES,
            "<</Type/Page/Parent 2 0 R/Annots[<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS 4 0 R>>]>>",
            "<</Type/Filespec/F(data.txt)/UF(data.txt)/EF<</F 5 0 R>>>>",
            &format!(
                "<</Type/EmbeddedFile/Length {}>>stream\n{content}\nendstream",
                content.len()
            ),
        ])
    };
    let (document, summary) = merged(&[&part("one"), &part("three")]);
    assert_eq!(summary.warnings, []);
    let content = |file: &Object| -> String {
        let file = dictionary(&document, file);
        let streams = dictionary(&document, get(&document, file, "EF"));
        let stream = get(&document, streams, "F").as_stream().expect("a file");
        String::from_utf8(stream.get_plain_content().expect("its content")).expect("text")
    };
    let names = dictionary(&document, get(&document, catalog(&document), "Names"));
    let files = dictionary(&document, get(&document, names, "EmbeddedFiles"));
    let leaf = dictionary(&document, &array(&document, files, "Kids")[0]);
    let files: Vec<(String, String)> = array(&document, leaf, "Names")
        .chunks(2)
        .map(|pair| (text(&pair[0]), content(&pair[1])))
        .collect();
    let expected = [("data.txt", "one"), ("data.txt~2", "three")];
    assert_eq!(
        files,
        expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
    );
    let associated: Vec<String> = array(&document, catalog(&document), "AF")
        .iter()
        .map(content)
        .collect();
    assert_eq!(associated, ["one", "three"]);
    let icon = dictionary(
        &document,
        &array(&document, page(&document, 2), "Annots")[0],
    );
    assert_eq!(content(icon.get(b"FS").expect("a file")), "three");
}

#[test]
fn what_inputs_agree_on_holds_for_the_volume() {
    let part = |condition: &str| {
        pdf(&[
            &format!(
                "<</Type/Catalog/Pages 2 0 R/Lang(hi)/PageLayout/OneColumn/ViewerPreferences<</Direction/R2L/NumCopies 3>>/OutputIntents[<</S/GTS_PDFA1/OutputConditionIdentifier({condition})>>]>>"
            ),
            PAGES,
            "<</Type/Page/Parent 2 0 R>>",
        ])
    };
    let (document, summary) = merged(&[&part("sRGB"), &part("sRGB")]);
    assert_eq!(summary.warnings, []);
    let whole = catalog(&document);
    assert_eq!(array(&document, whole, "OutputIntents").len(), 1);
    assert_eq!(text(get(&document, whole, "Lang")), "hi");
    assert_eq!(text(get(&document, whole, "PageLayout")), "OneColumn");
    let preferences = dictionary(&document, get(&document, whole, "ViewerPreferences"));
    assert_eq!(text(get(&document, preferences, "Direction")), "R2L");
    assert!(!preferences.has(b"NumCopies"));
    let (document, summary) = merged(&[&part("sRGB"), &part("FOGRA39")]);
    assert!(!catalog(&document).has(b"OutputIntents"));
    assert!(summary.warnings[0].message.contains("output intents"));
}

#[test]
fn threads_lead_over_the_pages_of_their_input() {
    let part = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/Threads[4 0 R]>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/B[5 0 R]>>",
        "<</Type/Thread/F 5 0 R/I<</Title(Story)>>>>",
        "<</Type/Bead/T 4 0 R/N 5 0 R/V 5 0 R/P 3 0 R/R[0 0 9 9]>>",
    ]);
    let (document, _) = merged(&[&part, &part]);
    let threads = array(&document, catalog(&document), "Threads");
    let pages: BTreeSet<ObjectId> = threads
        .iter()
        .map(|thread| {
            let bead = dictionary(
                &document,
                get(&document, dictionary(&document, thread), "F"),
            );
            bead.get(b"P")
                .and_then(Object::as_reference)
                .expect("a page")
        })
        .collect();
    assert_eq!(pages, document.get_pages().into_values().collect());
}

#[test]
fn destinations_by_page_index_lead_to_the_same_page() {
    let part = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/Dests<</there[0/Fit]>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R 5 0 R]>>",
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Dest[0/XYZ 1 2 0]>>",
        // The page it names is not of the document.
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/P 6 0 R/A<</S/GoTo/D/there>>>>",
        "<</Contents 7 0 R/MediaBox[0 0 9 9]/Resources<<>>>>",
        "<</Length 4>>stream\nlost\nendstream",
    ]);
    let (document, _) = merged(&[&part, &part]);
    let second = document.get_pages()[&2];
    let links = array(&document, page(&document, 2), "Annots");
    let place = array(&document, dictionary(&document, &links[0]), "Dest");
    assert_eq!(place[0].as_reference().expect("a page"), second);
    let other = dictionary(&document, &links[1]);
    assert_eq!(
        other
            .get(b"P")
            .and_then(Object::as_reference)
            .expect("a page"),
        second
    );
    let action = dictionary(&document, get(&document, other, "A"));
    assert_eq!(text(get(&document, action, "D")), "there~2");
    let is_lost =
        |object: &Object| matches!(object, Object::Stream(stream) if stream.content == b"lost");
    assert!(!document.objects.values().any(is_lost));
}
