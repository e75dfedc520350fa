//! Forms that are joined, and forms that become content of their pages.

use super::{PAGES, array, catalog, dictionary, get, merged_as, page, pdf, resolve, text, widgets};
use fanfold_bind::{BindOptions, Binder, FormMode, Input, Summary};
use lopdf::{Dictionary, Document, Object};

fn with(forms: FormMode, parts: &[&[u8]]) -> (Document, Summary) {
    let options = BindOptions {
        forms,
        ..BindOptions::default()
    };
    merged_as(options, parts)
}

/// A text with a value, a check box in a group, radio buttons, and a button that resets the text.
fn form(value: &str, state: &str, kind: &str) -> Vec<u8> {
    let states = "<</N<</Yes 10 0 R/Off 10 0 R>>>>";
    pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R 7 0 R]/DA(/F 9 Tf 0 g)/CO[4 0 R]/DR<</Font<</F 11 0 R>>>>>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R 6 0 R 8 0 R 9 0 R 12 0 R]>>",
        &format!(
            "<</Type/Annot/Subtype/Widget/Rect[0 0 90 9]/{kind}/T(name)/V({value})/P 3 0 R/AP<</N 10 0 R>>>>"
        ),
        "<</T(group)/FT/Btn/Kids[6 0 R]>>",
        &format!(
            "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/T(box)/Parent 5 0 R/V/{state}/AS/{state}/AP{states}>>"
        ),
        "<</FT/Btn/Ff 32768/T(radio)/V/Yes/Kids[8 0 R 9 0 R]>>",
        &format!("<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/Parent 7 0 R/AS/Yes/AP{states}>>"),
        &format!("<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/Parent 7 0 R/AS/Off/AP{states}>>"),
        "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 4>>\nstream\n0 g \nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/ResetForm/Fields[4 0 R(group.box)]>>>>",
    ])
}

/// What the widgets of a page show: the state, or the text that is drawn.
fn shown(document: &Document, number: u32) -> Vec<String> {
    let annotations = array(document, page(document, number), "Annots");
    annotations
        .iter()
        .map(|one| dictionary(document, one))
        .filter(|one| text(get(document, one, "Subtype")) == "Widget")
        .map(|one| {
            if let Object::Name(state) = get(document, one, "AS") {
                return String::from_utf8_lossy(state).into_owned();
            }
            let appearances = dictionary(document, get(document, one, "AP"));
            let stream = get(document, appearances, "N").as_stream().expect("drawn");
            let content = stream.get_plain_content().expect("readable");
            String::from_utf8_lossy(&content).into_owned()
        })
        .collect()
}

#[test]
fn fields_of_one_name_and_kind_become_one() {
    let parts = [form("Ada", "Yes", "FT/Tx"), form("Bob", "Off", "FT/Tx")];
    let (document, summary) = with(FormMode::Join, &[&parts[0], &parts[1]]);
    let names = |number| {
        let found = widgets(&document);
        let annotations = array(&document, page(&document, number), "Annots").iter();
        annotations
            .filter_map(|one| found.get(&one.as_reference().ok()?).cloned())
            .map(|(name, value, _)| format!("{name}={value}"))
            .collect::<Vec<_>>()
    };
    let expected = ["/name=Ada", "/group/box=Yes", "/radio=Yes", "/radio=Yes"];
    assert_eq!([names(1), names(2)], [expected, expected]);
    let form = dictionary(&document, get(&document, catalog(&document), "AcroForm"));
    let roots = array(&document, form, "Fields");
    assert_eq!(roots.len(), 3);
    assert_eq!(array(&document, form, "CO"), &roots[..1]);
    // What the second said is gone, also to the eye.
    assert_eq!(shown(&document, 2)[1..], ["Yes", "Yes", "Off"]);
    assert!(shown(&document, 2)[0].contains("(Ada)"));
    let warnings: Vec<_> = summary.warnings.iter().map(|it| &it.message).collect();
    assert_eq!(summary.warnings[0].input, "1.pdf");
    assert!(
        warnings.len() == 1 && warnings[0].contains("name and 1 others"),
        "{warnings:?}"
    );
    // Radio buttons of one value go on and off together.
    let radio = dictionary(&document, &roots[2]);
    let flags = get(&document, radio, "Ff").as_i64().expect("flags");
    assert_eq!(flags, 1 << 15 | 1 << 25);
    let reset = dictionary(
        &document,
        &array(&document, page(&document, 2), "Annots")[4],
    );
    let fields = array(
        &document,
        dictionary(&document, get(&document, reset, "A")),
        "Fields",
    );
    assert_eq!(fields[0], roots[0]);
    assert_eq!(text(&fields[1]), "group.box");
}

#[test]
fn fields_of_another_kind_stay_apart() {
    let choice = "FT/Ch/Ff 131072/Opt[(Ada)(Bob)]";
    let parts = [
        form("Ada", "Yes", "FT/Tx"),
        form("Ada", "Yes", "FT/Tx/Ff 4096"),
        form("Ada", "Yes", choice),
        form("Ada", "Yes", choice),
        form("Ada", "Yes", "FT/Sig"),
    ];
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let (document, _) = with(FormMode::Join, &parts);
    let mut names: Vec<String> = widgets(&document)
        .into_values()
        .map(|(name, ..)| name)
        .filter(|name| name.starts_with("/name"))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["/name", "/name~2", "/name~3", "/name~3", "/name~5"]);
}

#[test]
fn a_joined_form_that_is_stopped_has_the_same_bytes() {
    let options = BindOptions {
        forms: FormMode::Join,
        ..BindOptions::default()
    };
    let parts = [form("Ada", "Yes", "FT/Tx"), form("Bob", "Off", "FT/Tx")];
    let input = |index: usize| Input {
        name: "a form",
        title: None,
        bytes: &parts[index],
    };
    let mut whole = Binder::new(Vec::new(), options.clone()).expect("memory takes all");
    let mut first = Binder::new(Vec::new(), options.clone()).expect("memory takes all");
    whole.add(input(0)).expect("a form");
    whole.add(input(1)).expect("a form");
    first.add(input(0)).expect("a form");
    let (mut bytes, state) = first.suspend();
    let mut second = Binder::resume(Vec::new(), options, &state).expect("its state");
    second.add(input(1)).expect("a form");
    bytes.extend(second.finish_into().expect("a volume").0);
    assert!(bytes == whole.finish_into().expect("a volume").0);
}

/// A page's content, as readers put it together.
fn content(document: &Document, number: u32) -> String {
    let streams = array(document, page(document, number), "Contents");
    let streams = streams.iter().map(|stream| {
        let stream = resolve(document, stream).as_stream().expect("a stream");
        let content = stream.get_plain_content().expect("readable");
        String::from_utf8(content).expect("text")
    });
    streams.collect::<Vec<_>>().join("\n")
}

/// A tagged page with a field and a hidden one, a link, and a field that has to be drawn.
fn tagged() -> Vec<u8> {
    pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R 6 0 R 8 0 R]/DA(/F 9 Tf 0 g)>>/StructTreeRoot 9 0 R/MarkInfo<</Marked true>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/StructParents 0/Contents 4 0 R/Resources<</XObject<</FanfoldField0 7 0 R>>>>/Annots[5 0 R 6 0 R 8 0 R 13 0 R]>>",
        "<</Length 26>>\nstream\n/P<</MCID 0>>BDC 1 g EMC  \nendstream",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(seen)/V(x)/Rect[10 20 50 40]/StructParent 1/AP<</N 7 0 R>>>>",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(hidden)/V(x)/F 2/Rect[10 20 50 40]/StructParent 2/AP<</N 7 0 R>>>>",
        "<</Type/XObject/BBox[0 0 10 20]/Matrix[0 1 -1 0 0 0]/Length 4>>\nstream\n0 g \nendstream",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(bare)/V(drawn)/Rect[0 0 90 10]/DA(/Unknown 8 Tf 1 g)>>",
        "<</Type/StructTreeRoot/K[10 0 R 11 0 R 12 0 R]/ParentTree<</Nums[0[10 0 R]1 11 0 R 2 12 0 R]>>>>",
        "<</Type/StructElem/S/P/P 9 0 R/Pg 3 0 R/K 0>>",
        "<</Type/StructElem/S/Form/P 9 0 R/Pg 3 0 R/K<</Type/OBJR/Obj 5 0 R>>>>",
        "<</Type/StructElem/S/Form/P 9 0 R/Pg 3 0 R/K[<</Type/OBJR/Obj 6 0 R>>]>>",
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]>>",
    ])
}

#[test]
fn flattened_fields_are_content_where_they_were() {
    let part = tagged();
    let (document, summary) = with(FormMode::Flatten, &[&part]);
    assert_eq!(summary.warnings, []);
    assert!(matches!(
        get(&document, catalog(&document), "AcroForm"),
        Object::Null
    ));
    let left = array(&document, page(&document, 1), "Annots");
    assert_eq!(left.len(), 1);
    assert_eq!(
        text(get(&document, dictionary(&document, &left[0]), "Subtype")),
        "Link"
    );
    // The box is turned to 20 by 10 and lies left of the origin; the field is 40 by 20.
    let content = content(&document, 1);
    assert!(content.starts_with("q\n/P<</MCID 0>>BDC"), "{content}");
    let drawn = "/Form <</MCID 1>> BDC q 2 0 0 2 50 20 cm /FanfoldField1 Do Q EMC\n";
    assert!(content.contains(drawn), "{content}");
    assert!(
        content.contains("/Artifact BMC q 1 0 0 1 0 0 cm /FanfoldField2 Do Q EMC"),
        "{content}"
    );
    assert_eq!(content.matches(" Do").count(), 2);
    let resources = dictionary(&document, get(&document, page(&document, 1), "Resources"));
    let forms = dictionary(&document, get(&document, resources, "XObject"));
    let form = |name| get(&document, forms, name).as_stream().expect("a form");
    assert_eq!(
        text(get(&document, &form("FanfoldField1").dict, "Subtype")),
        "Form"
    );
    let bare = form("FanfoldField2").get_plain_content().expect("readable");
    let bare = String::from_utf8_lossy(&bare);
    assert!(
        bare.contains("/FanfoldText 8 Tf 1 g") && bare.contains("(drawn) Tj"),
        "{bare}"
    );
}

#[test]
fn tags_of_flattened_fields_are_of_content() {
    let part = tagged();
    let (document, _) = with(FormMode::Flatten, &[&part]);
    let root = dictionary(
        &document,
        get(&document, catalog(&document), "StructTreeRoot"),
    );
    let elements = array(&document, root, "K");
    let seen = dictionary(&document, &elements[1]);
    let kids = array(&document, seen, "K");
    let content = dictionary(&document, &kids[0]);
    let mark = get(&document, content, "MCID").as_i64().expect("a number");
    assert_eq!((kids.len(), mark), (1, 1));
    assert!(!dictionary(&document, &elements[2]).has(b"K"));
    let key = get(&document, page(&document, 1), "StructParents");
    let tree = dictionary(&document, get(&document, root, "ParentTree"));
    let leaf: &Dictionary = match array(&document, tree, "Kids").first() {
        Some(leaf) => dictionary(&document, leaf),
        None => tree,
    };
    let entries = array(&document, leaf, "Nums");
    assert_eq!(entries.len(), 2, "keys of annotations that are gone");
    assert_eq!(&entries[0], key);
    let parents = resolve(&document, &entries[1])
        .as_array()
        .expect("an array");
    assert_eq!(parents[..], elements[..2]);
}

#[test]
fn fields_whose_names_have_no_letters_or_no_end_stay_as_they_are() {
    let named = |name: &str| {
        pdf(&[
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/DA(/F 9 Tf 0 g)>>>>",
            PAGES,
            "<</Type/Page/Parent 2 0 R/Annots[4 0 R]>>",
            &format!(
                "<</Type/Annot/Subtype/Widget/Rect[0 0 90 9]/FT/Tx/T({name})/V(Ada)/P 3 0 R/AP<</N 5 0 R>>>>"
            ),
            "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 4>>\nstream\n0 g \nendstream",
        ])
    };
    let long = "n".repeat(5_000);
    for name in [".name", "name.", "a..b", ".", &long] {
        let part = named(name);
        let (document, _) = with(FormMode::Join, &[&part, &part]);
        let form = dictionary(&document, get(&document, catalog(&document), "AcroForm"));
        assert_eq!(array(&document, form, "Fields").len(), 2, "{name}");
        let values: Vec<_> = widgets(&document)
            .into_values()
            .map(|(_, value, _)| value)
            .collect();
        assert_eq!(values, ["Ada", "Ada"], "{name}");
    }
}

#[test]
fn content_whose_numbers_skip_very_many_is_flattened_without_tags() {
    // Each page's number 65,535 leaves 65,535 before it without content.
    let pages = 20;
    let id = |page: usize, of: usize| 5 + page * 3 + of;
    let listed = |of: usize| -> String {
        (0..pages)
            .map(|page| format!("{} 0 R ", id(page, of)))
            .collect()
    };
    let mut objects = vec![
        format!(
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{}]>>/StructTreeRoot 3 0 R/MarkInfo<</Marked true>>>>",
            listed(1)
        ),
        format!(
            "<</Type/Pages/Count {pages}/Kids[{}]/MediaBox[0 0 99 99]>>",
            listed(0)
        ),
        format!("<</Type/StructTreeRoot/K[{}]>>", listed(2)),
        "<</Type/XObject/BBox[0 0 10 20]/Length 4>>\nstream\n0 g \nendstream".to_owned(),
    ];
    for page in 0..pages {
        let (page, widget) = (id(page, 0), id(page, 1));
        objects.extend([
            format!("<</Type/Page/Parent 2 0 R/Annots[{widget} 0 R]>>"),
            format!(
                "<</Type/Annot/Subtype/Widget/FT/Tx/T(f{page})/Rect[0 0 9 9]/AP<</N 4 0 R>>>>"
            ),
            format!(
                "<</Type/StructElem/S/Form/P 3 0 R/Pg {page} 0 R/K[65535<</Type/OBJR/Obj {widget} 0 R>>]>>"
            ),
        ]);
    }
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let (document, _) = with(FormMode::Flatten, &[&pdf(&objects)]);
    let tagged =
        (1..=20).filter(|page| content(&document, *page).contains("/Form <</MCID 65536>>"));
    assert_eq!(tagged.count(), 16);
    assert!(content(&document, 20).contains("/Artifact BMC"));
}

#[test]
fn pages_of_flattened_fields_share_what_they_shared() {
    let fields: Vec<String> = (7..10).map(|number| format!("{number} 0 R")).collect();
    let mut objects = vec![
        format!(
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{}]>>>>",
            fields.join(" ")
        ),
        "<</Type/Pages/Kids[4 0 R 5 0 R 6 0 R]/Count 3/MediaBox[0 0 100 100]>>".to_owned(),
        "<</XObject<</Old 10 0 R>>>>".to_owned(),
    ];
    for widget in &fields {
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/Resources 3 0 R/Annots[{widget}]>>"
        ));
    }
    // Two have one appearance.
    for (number, form) in [(1, 10), (2, 11), (3, 10)] {
        objects.push(format!(
            "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(f{number})/V(v)/AP<</N {form} 0 R>>>>"
        ));
    }
    for letter in ["a", "b"] {
        objects.push(format!(
            "<</Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\n{letter}\nendstream"
        ));
    }
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let (document, summary) = with(FormMode::Flatten, &[&pdf(&objects)]);
    assert_eq!(summary.warnings, []);
    let resources = |number| {
        page(&document, number)
            .get(b"Resources")
            .expect("resources")
    };
    assert!(resources(1).as_reference().is_ok());
    assert!(resources(1) == resources(2) && resources(2) == resources(3));
    let forms = get(&document, dictionary(&document, resources(1)), "XObject");
    let forms = dictionary(&document, forms);
    assert!(forms.len() == 3 && forms.has(b"Old"), "{forms:?}");
    for (number, letter) in [(1, "a"), (2, "b"), (3, "a")] {
        let content = content(&document, number);
        let name = content
            .split('/')
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let form = get(&document, forms, name.expect("a name")).as_stream();
        assert_eq!(form.expect("a form").content, letter.as_bytes());
    }
}

/// Pages of a field each, with contents of their own.
#[test]
fn all_pages_keep_their_fields_however_many_streams_they_have_in_all() {
    const PAGES: usize = 320;
    let of = |page: usize, part: usize| format!("{} 0 R", 4 + page * 2 + part);
    let all = |part| {
        (0..PAGES)
            .map(|page| of(page, part))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut objects = vec![
        format!(
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{}]>>>>",
            all(1)
        ),
        format!(
            "<</Type/Pages/Kids[{}]/Count {PAGES}/MediaBox[0 0 100 100]>>",
            all(0)
        ),
        "<</Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\na\nendstream".to_owned(),
    ];
    let stream = format!("{} 0 R ", 4 + PAGES * 2);
    for page in 0..PAGES {
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/Annots[{}]/Contents[{}]>>",
            of(page, 1),
            stream.repeat(900)
        ));
        objects.push(format!(
            "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(f{page})/V(v)/AP<</N 3 0 R>>>>"
        ));
    }
    objects.push("<</Length 1>>stream\n \nendstream".to_owned());
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let (document, summary) = with(FormMode::Flatten, &[&pdf(&objects)]);
    assert_eq!(summary.warnings, []);
    let last = array(
        &document,
        page(&document, u32::try_from(PAGES).expect("few")),
        "Contents",
    );
    assert_eq!(last.len(), 902);
}

#[test]
fn names_that_are_taken_are_passed_over() {
    let taken: String = (0..50)
        .filter(|number| *number != 3)
        .map(|number| format!("/FanfoldField{number} 6 0 R"))
        .collect();
    let widget = |number: u32| {
        format!(
            "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(f{number})/V(v)/AP<</N {number} 0 R>>>>"
        )
    };
    let look = "<</Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\na\nendstream";
    let other = "<</Subtype/Form/BBox[0 0 9 9]/Length 1>>stream\nb\nendstream";
    let part = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R 8 0 R]>>>>",
        PAGES,
        &format!(
            "<</Type/Page/Parent 2 0 R/Annots[4 0 R 5 0 R 8 0 R]/Resources<</XObject<<{taken}>>>>>>"
        ),
        &widget(6),
        &widget(7),
        look,
        other,
        &widget(6),
    ]);
    let (document, summary) = with(FormMode::Flatten, &[&part]);
    assert_eq!(summary.warnings, []);
    let content = content(&document, 1);
    let names: Vec<&str> = content
        .split(" Do")
        .filter_map(|before| before.rsplit_once('/').map(|(_, name)| name))
        .collect();
    assert_eq!(names, ["FanfoldField3", "FanfoldField50", "FanfoldField3"]);
}

#[test]
fn what_is_not_joined_is_told_of_and_stays_as_it_was() {
    let part = |value: &str, beside: &str| {
        pdf(&[
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R]>>>>",
            PAGES,
            "<</Type/Page/Parent 2 0 R/Annots[4 0 R 6 0 R 7 0 R]>>",
            &format!(
                "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(long)/V {value}/AP<</N 8 0 R>>>>"
            ),
            "<</T(group)/Kids[6 0 R 7 0 R]>>",
            "<</Type/Annot/Subtype/Widget/Rect[9 0 18 9]/Parent 5 0 R/FT/Tx/T(a)/V(v)/AP<</N 8 0 R>>>>",
            &format!(
                "<</Type/Annot/Subtype/Widget/Rect[18 0 27 9]/Parent 5 0 R/T(b)/FT/{beside}>>"
            ),
            "<</Subtype/Form/BBox[0 0 9 9]/Length 5>>stream\n(own)\nendstream",
            "<</Length 4>>stream\nlong\nendstream",
        ])
    };
    let parts = [part("9 0 R", "Tx"), part("(short)", "Sig")];
    let (document, summary) = with(FormMode::Join, &[&parts[0], &parts[1]]);
    let found = widgets(&document);
    let names = |number| -> Vec<&str> {
        let annotations = array(&document, page(&document, number), "Annots").iter();
        annotations
            .map(|one| found[&one.as_reference().expect("a widget")].0.as_str())
            .collect()
    };
    assert_eq!(names(1), ["/long", "/group/a", "/group/b"]);
    assert_eq!(names(2), ["/long~2", "/group~2/a", "/group~2/b"]);
    let long = &array(&document, page(&document, 2), "Annots")[0];
    assert!(dictionary(&document, long).has(b"AP"));
    let long = long.as_reference().expect("a widget");
    assert_eq!(found[&long].1, "short");
    for (warning, count) in summary.warnings.iter().zip(["1 of", "1 of"]) {
        assert!(warning.message.starts_with(count), "{}", warning.message);
        assert!(
            warning.message.contains("not joined"),
            "{}",
            warning.message
        );
    }
    assert_eq!(summary.warnings.len(), 2);
}

#[test]
fn elements_inside_others_lose_their_flattened_fields() {
    let part = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>/MarkInfo<</Marked true>>/StructTreeRoot 5 0 R>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R 7 0 R]>>",
        "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(a)/V(v)>>",
        "<</Type/StructTreeRoot/K 6 0 R>>",
        "<</Type/StructElem/S/Document/P 5 0 R/K[<</Type/StructElem/S/Form/P 6 0 R/K[<</Type/OBJR/Obj 4 0 R>><</Type/OBJR/Obj 7 0 R>>]>><</Type/StructElem/S/Form/P 6 0 R/K<</Type/OBJR/Obj 4 0 R>>>>]>>",
        "<</Type/Annot/Subtype/Link/Rect[9 9 18 18]>>",
    ]);
    let (document, _) = with(FormMode::Flatten, &[&part]);
    let root = dictionary(
        &document,
        get(&document, catalog(&document), "StructTreeRoot"),
    );
    let whole = dictionary(&document, &array(&document, root, "K")[0]);
    let inner = array(&document, whole, "K");
    let kids = array(&document, dictionary(&document, &inner[0]), "K");
    let link = dictionary(
        &document,
        get(&document, dictionary(&document, &kids[0]), "Obj"),
    );
    assert_eq!(
        (kids.len(), text(get(&document, link, "Subtype"))),
        (1, "Link".to_owned())
    );
    assert!(!dictionary(&document, &inner[1]).has(b"K"));
}
