//! A department's words, the made-up law that it works by, and a company.

use yinxin_tests::{
    cluster::{Cluster, DEPARTMENTS},
    place::{Place, Said},
};
use yinxin_verdict::UnixTime;

/// The company of the story.
pub(crate) const COMPANY: &str = "91350100M000100Y43";
/// Records, serves and keeps the register of invoices.
pub(crate) const AUTHORITY: usize = 1;
/// Two banks.
pub(crate) const BANK: usize = 2;
pub(crate) const OTHER_BANK: usize = 4;
/// Publishes classes, registers keys, watches.
pub(crate) const CENTRE: usize = 3;

/// The day so many days ago, in China.
pub(crate) fn ago(days: i64) -> String {
    UnixTime::system_now().plus_millis(-days * 86_400_000).china_date()
}

pub(crate) fn code(n: usize) -> &'static str {
    DEPARTMENTS[n - 1].0
}

/// A department's words.
pub(crate) struct Desk<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) place: &'a Place,
}

impl Desk<'_> {
    /// All through one node: another may be a moment behind the block that the next look is at.
    pub(crate) fn line(&self, n: usize, command: &str) -> String {
        self.line_at(AUTHORITY, n, command)
    }

    pub(crate) fn line_at(&self, node: usize, n: usize, command: &str) -> String {
        format!(
            "--json {command} --key n{n}/org.key --cert n{n}/org.cer --password-file pw --trust trust --node {}",
            self.cluster.http(node)
        )
    }

    /// A department does it; the record's id.
    pub(crate) fn does(&self, n: usize, command: &str) -> String {
        let said = self.place.ends(&self.line(n, command), 0, &[]).json();
        said["record"].as_str().unwrap_or_default().to_owned()
    }

    /// It is refused by a rule, by its words, and there is advice.
    pub(crate) fn refused(&self, n: usize, command: &str, words: &[&str]) -> Said {
        let said = self.place.ends(&self.line(n, command), 1, words);
        let failure: serde_json::Value =
            serde_json::from_str(said.err.lines().last().unwrap_or_default()).unwrap();
        assert!(failure["todo"].as_str().is_some_and(|todo| !todo.is_empty()), "{said:?}");
        said
    }

    pub(crate) fn status(&self, id: &str) -> String {
        let at = self.cluster.http(AUTHORITY);
        let line = format!("--json credit status {id} --trust trust --node {at}");
        let said = self.place.ends(&line, 0, &[]).json();
        said["things"][0]["status"].as_str().unwrap().to_owned()
    }

    /// A filled form of a penalty that a department decided so many days ago.
    pub(crate) fn penalty(&self, n: usize, number: &str, days: i64) -> String {
        let (code, day) = (code(n), ago(days));
        let file = format!("forms/{number}.toml");
        self.place.write(
            &file,
            format!(
                "CF_XDR_MC = \"示例精密机械有限公司\"\nCF_XDR_LB = \"02\"\nCF_XDR_SHXYM = \"{COMPANY}\"\nCF_WSH = \"示罚〔{number}〕\"\n\
                 CF_WFXW = \"未按时公示年报\"\nCF_SY = \"逾期\"\nCF_YJ = \"行政处罚法\"\nCF_CFLB = \"02\"\nCF_NR = \"罚款\"\n\
                 CF_JDRQ = \"{day}\"\nCF_CFJG = \"示例局\"\nCF_CFJGDM = \"{code}\"\nCF_LYDW = \"示例局\"\nCF_LYDWDM = \"{code}\"\n"
            ),
        );
        self.place.write(&format!("papers/{number}.txt"), format!("decision {number}"));
        file
    }

    /// A filled general form.
    pub(crate) fn general(&self, n: usize, number: &str, days: i64) -> String {
        let (code, day) = (code(n), ago(days));
        let file = format!("forms/{number}.toml");
        self.place.write(
            &file,
            format!(
                "MC = \"示例精密机械有限公司\"\nLB = \"02\"\nSHXYM = \"{COMPANY}\"\nBH = \"{number}\"\nNR = \"列入\"\n\
                 RQ = \"{day}\"\nJG = \"示例局\"\nJGDM = \"{code}\"\n"
            ),
        );
        self.place.write(&format!("papers/{number}.txt"), format!("decision {number}"));
        file
    }

    /// A filled general form of a commitment, to be kept within a year from today.
    pub(crate) fn promise(&self, n: usize, number: &str, days: i64) -> String {
        let file = self.general(n, number, days);
        let text = String::from_utf8(self.place.read(&file)).unwrap();
        self.place.write(&file, format!("{text}JZQ = \"{}\"\n", ago(-365)));
        file
    }

    pub(crate) fn record(&self, class: &str, number: &str, form: &str) -> String {
        self.does(AUTHORITY, &recording(class, number, form))
    }
}

pub(crate) fn recording(class: &str, number: &str, form: &str) -> String {
    format!(
        "credit record {class} {form} --paper papers/{number}.txt --contents contents --classes classes.toml --calendar days.toml"
    )
}

/// Classes of a made-up law, a formula, working days, papers. Terms count from the decision, so that no test has to wait.
pub(crate) fn materials(place: &Place) {
    let class = |code: &str, kind: &str, degree: &str, form: &str, more: &str| {
        format!(
            "[[class]]\ncode = \"{code}\"\nversion = 1\nname = \"{code}\"\ngroup = \"test\"\nkind = \"{kind}\"\ndegree = \"{degree}\"\n\
             disclosure = \"public\"\nvalid_from = \"2015-01-01\"\nlaws = [\"行政处罚法\"]\nform = \"{form}\"\nsource = \"test\"\n{more}\n"
        )
    };
    let limits = |days: &str, age: u32| {
        format!("limits = {{ {days}age_days = {age}, objection_days = 5, withdraw_days = 3 }}")
    };
    let repair = "repair = { evidence = [\"commitment-letter\", \"duty-done\"], days = 10, extension_days = 10, forward_days = 1, sync_days = 3 }";
    let term = |min: u32, max: u32| {
        format!("term = {{ base = \"decision\", min_months = {min}, max_months = {max} }}")
    };
    let both = limits("publish_days = 7, ", 400);
    let table = [
        "table = \"test\"\n[[measure]]\ncode = \"limit-awards\"\ngroup = 1\nname = \"限制评优\"\nlaws = [\"评比办法\"]\nsource = \"test\"\n\
         [[measure]]\ncode = \"green-lane\"\ngroup = 2\nname = \"绿色通道\"\nlaws = [\"评比办法\"]\nsource = \"test\"\n".to_owned(),
        class("penalty.test", "penalty", "ordinary", "penalty", &format!("{}\n{both}\n{repair}", term(3, 36))),
        class("penalty.brief", "penalty", "minor", "penalty", &format!("{}\n{both}\n{repair}\nbatch = 1000", term(0, 3))),
        class("penalty.grave", "penalty", "serious", "penalty", &format!("{}\n{}\n{repair}", term(12, 36), limits("publish_days = 7, ", 3650))),
        class(
            "black",
            "black-list",
            "serious",
            "general",
            &format!("rests_on = [\"penalty.grave\"]\n{}\n{}\nlist = {{ exit = [\"duty-done\"], measures = [\"limit-awards\"], lift_days = 3 }}", term(12, 36), limits("", 3650)),
        ),
        class(
            "honour",
            "red-list",
            "none",
            "general",
            &format!("{}\n{}\nlist = {{ exit = [\"authority-decision\"], excludes = [\"penalty.test\"], measures = [\"green-lane\"], lift_days = 3 }}", term(0, 36), limits("", 400)),
        ),
        class("promise", "commitment", "minor", "general", &format!("{}\n{}", term(0, 12), limits("", 400))),
        class("fact", "basic", "none", "general", &format!("{}\n{}\nbatch = 1000", term(0, 36), limits("", 400))),
    ];
    place.write("classes.toml", table.concat());
    let indicator = |id: &str, class: &str, points: i64| {
        format!(
            "[[indicator]]\nid = \"{id}\"\nname = \"{id}\"\nclasses = [\"{class}\"]\npoints = {points}\n"
        )
    };
    place.write(
        "formula.toml",
        [
            "code = \"score.test\"\nversion = 1\nname = \"score\"\nvalid_from = \"2015-01-01\"\nstart = 800\nleast = 0\nmost = 1000\nsource = \"test\"\n".to_owned(),
            indicator("ordinary", "penalty.test", -40),
            indicator("grave", "penalty.grave", -120),
            indicator("black", "black", -300),
            "[[grade]]\nname = \"good\"\nfrom = 500\n[[grade]]\nname = \"poor\"\nfrom = 0\n".to_owned(),
        ]
        .concat(),
    );
    let days: String = (2015..2100)
        .map(|year| format!("[[year]]\nyear = {year}\nsource = \"test\"\noff = []\nwork = []\n"))
        .collect();
    place.write("days.toml", format!("region = \"CN\"\n{days}"));
    for paper in ["letter", "done", "statement", "accepted", "case", "report", "annulled", "kept"] {
        place.write(&format!("papers/{paper}.txt"), paper);
    }
}

/// The company's key and certificate.
pub(crate) fn company(place: &Place) {
    place.ok("key new company.key --password-file pw");
    place.ok(&format!(
        "key csr company.key --password-file pw --organisation C --code {COMPANY} --out company.csr"
    ));
    place.ok("ca issue ca company.csr --password-file pw --out company.cer");
}

pub(crate) const EVIDENCE: &str = "--evidence commitment-letter=papers/letter.txt --evidence duty-done=papers/done.txt --commitment papers/letter.txt --calendar days.toml";

pub(crate) fn founded(cluster: &Cluster) -> Desk<'_> {
    let place = cluster.place();
    materials(place);
    company(place);
    let desk = Desk { cluster, place };
    desk.does(CENTRE, "data calendar --calendar days.toml");
    let publish =
        "credit publish --classes classes.toml --formula formula.toml --receipts receipts";
    // All classes of the table, then the formula.
    let said = place.ends(
        &desk.line(CENTRE, "credit publish --classes classes.toml --receipts receipts"),
        0,
        &[],
    );
    assert_eq!(said.json()["published"].as_array().unwrap().len(), 7);
    let said = place.ends(&desk.line(CENTRE, publish), 0, &[]).json();
    assert_eq!(
        (said["published"].as_array().unwrap().len(), said["known"].as_array().unwrap().len()),
        (1, 0)
    );
    place.ok("verify --brief --trust trust receipts/penalty.test@1.receipt");
    desk.does(CENTRE, &format!("credit key {COMPANY} --subject-cert company.cer"));
    desk
}
