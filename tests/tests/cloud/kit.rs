//! The documents of the cases: the same in all of them, so that all must give the same bytes.

use serde_json::{Value, json};

/// An existing PDF that the kit names; it is uploaded before the first case.
pub(crate) const ANNEX: &str = "uploads/annex.pdf";

/// Outputs of the two volumes.
pub(crate) const VOLUMES: [&str; 2] = ["all.pdf", "plain.pdf"];

/// Thirteen documents of every kind, to be stitched into two volumes.
pub(crate) fn kit(priority: &str) -> Value {
    let mut documents: Vec<Value> = (1..=4)
        .map(|n| {
            json!({
                "id": format!("letter-{n}"),
                "html": "<h1>{{ subject }}</h1><p>Dear {{ name }},</p><p>your case {{ case_id }} is settled.</p>",
                "data": {"subject": format!("Letter {n}"), "name": "Asha Rao", "case_id": format!("LN-{n}")},
                "output": format!("letters/{{case_id}}.pdf"),
            })
        })
        .collect();
    documents.extend((1..=4).map(|n| {
        json!({
            "id": format!("note-{n}"),
            "html": format!("<style>@page {{ size: A5 }}</style><h1>Note {n}</h1><p>{}</p>", "It goes on for a while. ".repeat(40 * n)),
        })
    }));
    documents.extend((1..=2).map(|n| {
        json!({"id": format!("memo-{n}"), "markdown": format!("# Memo {n}\n\n1. First\n2. *Second*\n")})
    }));
    documents.push(json!({
        "id": "schedule",
        "html": "<table>{% for row in range(rows) %}<tr><td>{{ row }}</td><td>{{ row * 7 }}</td></tr>{% endfor %}</table>",
        "data": {"rows": 120},
    }));
    documents.push(json!({
        "id": "welcome",
        "bundle": "welcome-letter",
        "locale": "hi-IN",
        "data": serde_json::from_str::<Value>(include_str!("../../../shared/bundles/welcome-letter/sample.json")).expect("it is JSON"),
    }));
    documents.push(json!({"id": "annex", "pdf": ANNEX}));
    json!({
        "documents": documents,
        "merge": [
            {"output": VOLUMES[0], "on_failure": "skip"},
            {"output": VOLUMES[1], "on_failure": "skip", "outline": "none"},
        ],
        "priority": priority,
    })
}

/// The kit with another document in its middle.
pub(crate) fn kit_with(priority: &str, document: Value) -> Value {
    let mut kit = kit(priority);
    let documents = kit["documents"].as_array_mut().expect("it is a list");
    documents.insert(6, document);
    kit
}

/// The PDF at [`ANNEX`]: two pages, written by hand.
pub(crate) fn annex() -> Vec<u8> {
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    let text = "BT /F1 24 Tf 72 700 Td (Annex) Tj ET";
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 6 0 R >> >> >>";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>".to_owned(),
        page.to_owned(),
        page.to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (number, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).bytes());
    }
    let table = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    pdf.extend(
        offsets
            .iter()
            .flat_map(|offset| format!("{offset:010} 00000 n \n").into_bytes()),
    );
    pdf.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    pdf
}
