//! Fonts of fields, further configurations of layers, elements of outline entries.

use super::{PAGES, array, catalog, dictionary, fields_of, get, merged, page, pdf, text};
use fanfold_bind::Summary;
use lopdf::Document;

/// The base font of a page's fields, as the form's resources have it under the name in their looks.
fn fonts_of_fields(document: &Document, number: u32) -> Vec<String> {
    let form = dictionary(document, get(document, catalog(document), "AcroForm"));
    let resources = dictionary(document, get(document, form, "DR"));
    let fonts = dictionary(document, get(document, resources, "Font"));
    fields_of(document, number)
        .iter()
        .map(|(_, _, look)| {
            let name = look.split('/').nth(1).and_then(|it| it.split(' ').next());
            let font = get(document, fonts, name.expect("a font"));
            text(get(document, dictionary(document, font), "BaseFont"))
        })
        .collect()
}

#[test]
fn all_fonts_that_fields_name_are_in_the_forms_resources() {
    let form = |font: &str| {
        pdf(&[
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R 6 0 R 7 0 R]/DR<</Font<</F 9 0 R>>>>/DA(/F 7 Tf)>>>>",
            PAGES,
            "<</Type/Page/Parent 2 0 R/Annots[4 0 R 5 0 R 6 0 R 7 0 R 8 0 R]>>",
            // In its own resources.
            "<</Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(a)/DA(0 g /Own 5 Tf)/DR<</Font<</Own 10 0 R>>>>>>",
            // In its own resources under a name that means another font in the form's.
            "<</Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(b)/DA(/F 5 Tf)/DR<</Font<</F 10 0 R>>>>>>",
            // In its appearance only.
            "<</Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(c)/DA(/Shown 5 Tf)/AP<</N 11 0 R>>>>",
            // Nowhere: every reader knows it.
            "<</Rect[0 0 9 9]/FT/Tx/T(d)/DA(/ZaDb 5 Tf)/Kids[8 0 R]/Subtype/Widget>>",
            "<</Subtype/Widget/Rect[0 0 9 9]/Parent 7 0 R/DA(/F 5 Tf)>>",
            &format!("<</Type/Font/Subtype/Type1/BaseFont/{font}>>"),
            "<</Type/Font/Subtype/Type1/BaseFont/Own>>",
            "<</Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</Shown<</Type/Font/Subtype/Type1/BaseFont/Shown>>>>>>/Length 0>>stream\n\nendstream",
        ])
    };
    let (one, two) = (form("One"), form("Two"));
    let (document, _) = merged(&[&one, &two]);
    for (number, font) in [(1, "One"), (2, "Two")] {
        let expected = ["Own", "Own", "Shown", "ZapfDingbats", font];
        assert_eq!(fonts_of_fields(&document, number), expected);
    }
}

#[test]
fn further_configurations_of_layers_are_kept() {
    let part = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[4 0 R]/D<<>>/Configs[<</Name(Print)/OFF[4 0 R]>>]>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Resources<</Properties<</L 4 0 R>>>>>>",
        "<</Type/OCG/Name(layer)>>",
    ]);
    let (document, summary) = merged(&[&part, &part]);
    assert_eq!(summary.warnings, []);
    let properties = dictionary(
        &document,
        get(&document, catalog(&document), "OCProperties"),
    );
    let groups = array(&document, properties, "OCGs");
    let configurations = array(&document, properties, "Configs");
    assert_eq!((groups.len(), configurations.len()), (2, 2));
    for (group, configuration) in groups.iter().zip(configurations) {
        let configuration = dictionary(&document, configuration);
        assert_eq!(text(get(&document, configuration, "Name")), "Print");
        assert_eq!(&array(&document, configuration, "OFF")[0], group);
    }
}

#[test]
fn layers_that_no_configuration_lists_hide_nothing() {
    let unlisted = pdf(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Resources<</Properties<</M 5 0 R>>>>>>",
        "<</Type/OCG/Name(layer)>>",
        "<</Type/OCMD/OCGs[4 0 R]/P/AllOff/VE[/Not 4 0 R]>>",
    ]);
    let listed = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[4 0 R]/D<<>>>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Resources<</Properties<</M 5 0 R>>>>>>",
        "<</Type/OCG/Name(layer)>>",
        "<</Type/OCMD/OCGs[4 0 R]/P/AllOff>>",
    ]);
    let (document, _) = merged(&[&unlisted, &listed]);
    let membership = |number| {
        let resources = dictionary(
            &document,
            get(&document, page(&document, number), "Resources"),
        );
        let properties = dictionary(&document, get(&document, resources, "Properties"));
        dictionary(&document, get(&document, properties, "M"))
    };
    // Shown when its layers are, which is the default, as all was where there was no configuration.
    assert!(!membership(1).has(b"P") && !membership(1).has(b"VE"));
    assert!(membership(2).has(b"P"));
}

#[test]
fn elements_keep_references_of_their_own() {
    let part = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 4 0 R>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[9 0 R]>>",
        "<</Type/StructTreeRoot/K[5 0 R 6 0 R]/ParentTree<</Nums[0 6 0 R]>>>>",
        "<</Type/StructElem/S/Link/P 4 0 R/Pg 3 0 R/K 7 0 R>>",
        "<</Type/StructElem/S/Link/P 4 0 R/Pg 3 0 R/K 8 0 R>>",
        "<</Type/OBJR/Obj 9 0 R>>",
        "<</Type/OBJR/Obj 9 0 R>>",
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/StructParent 0>>",
    ]);
    let (document, _) = merged(&[&part]);
    let root = dictionary(
        &document,
        get(&document, catalog(&document), "StructTreeRoot"),
    );
    let whole = array(&document, root, "K");
    let references: Vec<&lopdf::Object> = whole
        .iter()
        .map(|element| {
            dictionary(&document, element)
                .get(b"K")
                .expect("a reference")
        })
        .collect();
    assert_eq!(references.len(), 2);
    assert_ne!(references[0], references[1]);
}

#[test]
fn outline_entries_keep_their_elements() {
    let part = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/Outlines 5 0 R/StructTreeRoot<</Type/StructTreeRoot/K 4 0 R>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R>>",
        "<</Type/StructElem/S/Document/ActualText(whole)>>",
        "<</First 6 0 R/Last 6 0 R>>",
        "<</Title(t)/Parent 5 0 R/Dest[3 0 R/Fit]/SE 4 0 R>>",
    ]);
    let (document, _) = merged(&[&part, &part]);
    let outline = dictionary(&document, get(&document, catalog(&document), "Outlines"));
    let first = dictionary(&document, get(&document, outline, "First"));
    for input in [first, dictionary(&document, get(&document, first, "Next"))] {
        let entry = dictionary(&document, get(&document, input, "First"));
        let element = dictionary(&document, get(&document, entry, "SE"));
        assert_eq!(text(get(&document, element, "ActualText")), "whole");
    }
}

#[test]
fn fields_that_readers_were_to_draw_are_drawn() {
    let asks = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R 6 0 R]/NeedAppearances true/DA(/Helv 0 Tf 1 g)>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R 5 0 R 6 0 R]>>",
        "<</Subtype/Widget/Rect[0 0 90 20]/FT/Tx/T(a)/V(one\\ntwo)/Ff 4096/AP<</N 7 0 R>>>>",
        "<</Subtype/Widget/Rect[0 0 90 20]/FT/Ch/T(b)/V(x)/DA(/Helv 5 Tf)/Opt[(w)[(x)(shown)]]/Q 1>>",
        "<</Subtype/Widget/Rect[0 0 20 20]/FT/Btn/T(c)/V/On/AS/On/DA(/ZaDb 0 Tf)/MK<</CA(l)/BG[1]>>/AP<</N<</On 7 0 R/Off 7 0 R>>>>>>",
        "<</Subtype/Form/BBox[0 0 9 9]/Length 5>>stream\nstale\nendstream",
    ]);
    let does_not = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R]>>",
        "<</Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(other)>>",
    ]);
    let (document, summary) = merged(&[&asks, &does_not]);
    assert_eq!(summary.warnings, []);
    let drawn: Vec<String> = array(&document, page(&document, 1), "Annots")
        .iter()
        .map(|widget| {
            let appearances = get(&document, dictionary(&document, widget), "AP");
            let normal = get(&document, dictionary(&document, appearances), "N");
            let normal = match normal {
                lopdf::Object::Dictionary(states) => get(&document, states, "On"),
                other => other,
            };
            let stream = normal.as_stream().expect("a stream");
            String::from_utf8_lossy(&plain(stream)).into_owned()
        })
        .collect();
    for (drawn, texts) in drawn
        .iter()
        .zip([["(one) Tj", "(two) Tj"], ["(w) Tj", "(shown) Tj"]])
    {
        assert!(texts.iter().all(|text| drawn.contains(text)), "{drawn}");
    }
    assert!(
        drawn[2].contains("(l) Tj") && drawn[2].contains("/ZaDb 20 Tf"),
        "{}",
        drawn[2]
    );
}

/// The normal appearances of a page's widgets.
fn drawn(document: &Document) -> Vec<String> {
    array(document, page(document, 1), "Annots")
        .iter()
        .map(|widget| {
            let widget = dictionary(document, widget);
            let Some(appearances) = widget.get(b"AP").ok() else {
                return String::new();
            };
            let normal = get(document, dictionary(document, appearances), "N");
            let stream = normal.as_stream().expect("a stream");
            String::from_utf8_lossy(&plain(stream)).into_owned()
        })
        .collect()
}

/// What becomes of fields, one behind another, with fonts `Helv` and `Dif` and a good appearance.
fn drawn_fields(fields: &[&str]) -> (Vec<String>, Summary) {
    let references: Vec<String> = (7..7 + fields.len())
        .map(|number| format!("{number} 0 R"))
        .collect();
    let references = references.join(" ");
    let root = format!(
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{references}]/NeedAppearances true/DA(/Helv 9 Tf)/DR<</Font<</Helv 4 0 R/Dif 5 0 R>>>>>>>>"
    );
    let first = format!("<</Type/Page/Parent 2 0 R/Annots[{references}]>>");
    let content = "BT /Helv 9 Tf (Good) Tj ET";
    let form = format!(
        "<</Subtype/Form/BBox[0 0 9 9]/Length {}>>stream\n{content}\nendstream",
        content.len()
    );
    let fields: Vec<String> = fields
        .iter()
        .map(|field| format!("<</Subtype/Widget/Rect[0 0 90 20]{field}>>"))
        .collect();
    let mut objects = vec![
        root.as_str(),
        PAGES,
        &first,
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[1/A/B 65/x]>>>>",
        &form,
    ];
    objects.extend(fields.iter().map(String::as_str));
    let asks = pdf(&objects);
    let does_not = pdf(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R]>>",
        "<</Subtype/Widget/Rect[0 0 9 9]/FT/Tx/T(other)>>",
    ]);
    let (document, summary) = merged(&[&asks, &does_not]);
    (drawn(&document), summary)
}

#[test]
fn of_a_text_that_its_font_lacks_letters_of_the_others_are_drawn() {
    let (drawn, summary) =
        drawn_fields(&["/FT/Tx/T(a)/V<FEFF0061007A03C0>", "/FT/Tx/T(b)/V<FEFF03C0>"]);
    assert!(drawn[0].contains("(az) Tj"), "{}", drawn[0]);
    assert_eq!(drawn[1], "");
    // It says that not all is as it should be.
    assert_eq!(summary.warnings.len(), 1);
}

#[test]
fn choices_show_what_is_for_people() {
    let (drawn, summary) = drawn_fields(&[
        "/FT/Ch/Ff 131072/T(a)/V(DE)/Opt[[(FR)(DE)][(DE)(Germany)]]",
        "/FT/Ch/Ff 393216/T(b)/V(typed)/Opt[(one)]",
        "/FT/Ch/Ff 131072/T(c)/V(typed)/Opt[(one)]",
        "/FT/Ch/T(d)/V(x)/I[0]/DA(/Helv 5 Tf)/Opt[(one)(two)]",
        "/FT/Ch/Ff 2097152/T(e)/V[]/DA(/Helv 5 Tf)/Opt[(one)(two)]",
        "/FT/Ch/Ff 2097152/T(f)/V[(two)]/DA(/Helv 5 Tf)/Opt[(one)(two)]",
    ]);
    assert!(drawn[0].contains("(Germany) Tj"), "{}", drawn[0]);
    assert!(drawn[1].contains("(typed) Tj"), "{}", drawn[1]);
    assert_eq!(drawn[2], "");
    let fill = drawn[3].find("re f").expect("a bar");
    assert!(fill < drawn[3].find("(one)").expect("an option"));
    assert_eq!(drawn[3].matches("re f").count(), 1);
    assert!(
        drawn[4].contains("(two)") && !drawn[4].contains("re f"),
        "{}",
        drawn[4]
    );
    assert_eq!(drawn[5].matches("re f").count(), 1);
    assert_eq!(summary.warnings.len(), 1);
}

#[test]
fn only_what_is_surely_right_is_drawn() {
    let (drawn, summary) = drawn_fields(&[
        "/FT/Tx/T(good)/V(Good)/AP<</N 6 0 R>>",
        "/FT/Tx/T(old)/V(New)/AP<</N 6 0 R/D 6 0 R>>",
        "/FT/Tx/T(script)/V(1)/AA<</F<</S/JavaScript/JS(x)>>>>/AP<</N 6 0 R>>",
        "/FT/Tx/T(greek)/V<FEFF03B1>",
        "/FT/Tx/T(codes)/V(AB)/DA(/Dif 9 Tf)",
        "/FT/Tx/T(lines)/Ff 4096/V(one\\r\\ntwo)",
        "/FT/Tx/T(under)/V(x)/BS<</S/U/W 2>>/MK<</BC[0]>>",
        "/FT/Tx/T(bevel)/V(x)/BS<</S/B/W 2>>/MK<</BC[0]>>",
    ]);
    assert_eq!(drawn[0], "BT /Helv 9 Tf (Good) Tj ET");
    assert!(drawn[1].contains("(New) Tj"), "{}", drawn[1]);
    assert_eq!(drawn[2], drawn[0]);
    assert_eq!(drawn[3], "");
    assert!(drawn[4].contains("(\u{1}\u{2}) Tj"), "{}", drawn[4]);
    assert_eq!(drawn[5].matches(" Tj").count(), 2);
    assert!(drawn[6].contains("l S"), "{}", drawn[6]);
    assert_eq!(drawn[7], "");
    assert_eq!(summary.warnings.len(), 1);
}

#[test]
fn inherited_values_are_not_drawn_without_end() {
    let kids: Vec<String> = (5..3005).map(|number| format!("{number} 0 R")).collect();
    let kids = kids.join(" ");
    let first = format!("<</Type/Page/Parent 2 0 R/Annots[{kids}]>>");
    let field = format!(
        "<</FT/Tx/Ff 4096/T(a)/V({})/DA(/Helv 9 Tf)/Kids[{kids}]>>",
        "x ".repeat(8000)
    );
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/NeedAppearances true>>>>",
        PAGES,
        &first,
        &field,
    ];
    objects.resize(3004, "<</Subtype/Widget/Rect[0 0 9 9]/Parent 4 0 R>>");
    let (document, _) = merged(&[&pdf(&objects)]);
    let bytes: usize = document
        .objects
        .values()
        .filter_map(|object| Some(object.as_stream().ok()?.content.len()))
        .sum();
    assert!(bytes < 17 << 20, "{bytes} bytes");
}

/// A stream's data, which may have come without compression and not stay so.
fn plain(stream: &lopdf::Stream) -> Vec<u8> {
    match stream.dict.has(b"Filter") {
        true => fanfold_pdf::inflate(&stream.content, 1 << 20).expect("data"),
        false => stream.content.clone(),
    }
}

#[test]
fn numbers_that_are_rounded_for_what_they_are_stay_the_same() {
    let numbers: Vec<String> = (1..4000_u32)
        .map(|at| format!("{:.5}", f64::from(at) * 0.370_113_7 % 842.0))
        .chain(["423.67651", "601.28050", "-469.46953", "1.00000049"].map(str::to_owned))
        .collect();
    let part = pdf(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        PAGES,
        &format!("<</Type/Page/Parent 2 0 R/Marks[{}]>>", numbers.join(" ")),
    ]);
    let (document, _) = merged(&[&part]);
    let marks = array(&document, page(&document, 1), "Marks");
    assert_eq!(marks.len(), numbers.len());
    for (mark, number) in marks.iter().zip(&numbers) {
        let value: f64 = number.parse().expect("a number");
        let there = mark.as_float().expect("a number").to_string();
        let there: f64 = there.parse().expect("a number");
        for to in [1.0, 10.0, 100.0, 1000.0] {
            assert_eq!((there * to).round(), (value * to).round(), "{number}");
        }
        assert!((there - value).abs() < 1e-4, "{number}");
    }
}

#[test]
fn check_boxes_keep_their_marks() {
    // Whether readers that draw fields anew have the font for them or not: a box that is on shows it, and
    // another input must not change that.
    let form = |fonts: &str, state: &str| {
        pdf(&[
            &format!(
                "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/NeedAppearances true/DR<</Font<<{fonts}>>>>>>>>"
            ),
            PAGES,
            "<</Type/Page/Parent 2 0 R/Annots[4 0 R]>>",
            &format!(
                "<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Btn/T(box)/V/{state}/AS/{state}/DA(/Helv 0 Tf 0 g)/MK<</CA(8)/BC[0]>>/AP<</N<</on 5 0 R/Off 5 0 R>>>>>>"
            ),
            "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>stream\n\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>",
        ])
    };
    let marks = "/ZaDb 6 0 R";
    let parts = [
        (form("", "on"), "on"),
        (form("", "Yes"), "Yes"),
        (form(marks, "on"), "on"),
        (form("", "on"), "on"),
        (form("", "Off"), "Off"),
    ];
    let bytes: Vec<&[u8]> = parts.iter().map(|(bytes, _)| bytes.as_slice()).collect();
    let (document, _) = merged(&bytes);
    for (number, (_, state)) in (1..).zip(&parts) {
        let widgets = array(&document, page(&document, number), "Annots");
        let widget = dictionary(&document, &widgets[0]);
        let there = get(&document, widget, "AS").as_name().expect("a state");
        assert_eq!(there, state.as_bytes(), "{number}");
        let look = dictionary(&document, get(&document, widget, "MK"));
        assert_eq!(text(get(&document, look, "CA")), "8", "{number}");
    }
}
