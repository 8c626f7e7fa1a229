//! Small inputs of credit: tables, forms, formulas, rows.

use super::Plain;

const ROWS: &str = "published,LB,SHXYM,MC,BH,NR,RQ,JG,JGDM
2026-03-05,02,91350100M000100Y43,某公司,1,\"检查
合格\",2026-03-02,某局,11430000006122244L
";
const LINES: &str =
    "{\"class\":\"inspection\",\"BH\":\"1\",\"NR\":1.50,\"RQ\":null}\n\n{\"BH\":[]}\n";

pub(super) fn seeds() -> Vec<Plain> {
    let files: [(&str, &[u8]); 4] = [
        ("classes.toml", include_bytes!("../../crates/credit/data/classes.toml")),
        ("formula.toml", include_bytes!("../../crates/credit/data/formula.toml")),
        ("rows.csv", ROWS.as_bytes()),
        ("rows.jsonl", LINES.as_bytes()),
    ];
    files.map(|(name, bytes)| ("credit", name, bytes.to_vec())).to_vec()
}
