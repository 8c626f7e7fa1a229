//! The first tour: an e-seal, licences from a CSV, verified by anyone, one revoked, a node killed.

mod readme;
pub(super) mod sample;

use std::path::Path;

use super::{
    Ports,
    founding::{self, Department},
    plan::{Chapter, Plan, Step, run, run_words},
};

/// Invented departments; the codes have right check characters and belong to nobody.
const DEPARTMENTS: [Department; 4] = [
    Department {
        name: "示范市市场监督管理局",
        code: "11990100MB0A00018B",
        powers: "licence-types,licences,anchor",
    },
    Department { name: "示范市公安局", code: "11990100MB0A000266", powers: "seals,anchor" },
    Department {
        name: "示范市大数据管理局",
        code: "11990100MB0A000341",
        powers: "certificates,anchor",
    },
    Department { name: "示范市税务局", code: "11990100MB0A00042U", powers: "anchor" },
];

/// How many departments there are.
pub(super) const NODES: usize = DEPARTMENTS.len();

/// The plan for a folder, free ports, and that many licences.
pub(super) fn plan(folder: &Path, ports: &Ports, licences: usize) -> Plan {
    let http = ports.addresses();
    let mut chapters = founding::chapters("示范市政务账本", &DEPARTMENTS, ports, &http);
    chapters.extend([
        seals(&http[0]),
        issue(&http[0], licences),
        verify(),
        revoke(&http[0]),
        outage(&http),
        finish(&http),
    ]);
    Plan { folder: folder.display().to_string(), http, chapters }
}

/// The seal: drawn and signed by its maker.
fn seals(node: &str) -> Chapter {
    Chapter {
        en: "An e-seal for the issuing department, drawn and signed by the seal maker".into(),
        zh: "制章部门为发证部门制作电子印章".into(),
        steps: vec![
            run_words(&[
                "seal",
                "make",
                "--key",
                "nodes/2/organisation.key",
                "--cert",
                "nodes/2/organisation.cer",
                "--password-file",
                "nodes/2/password",
                "--signer",
                "nodes/1/organisation.cer",
                "--name",
                "示范市市场监督管理局",
                "--purpose",
                "电子证照专用章",
                "--out",
                "seal/department.esl",
                "--picture",
                "seal/department.png",
                "--node",
                node,
                "--trust",
                "trust",
            ]),
            run("seal show seal/department.esl --trust trust"),
        ],
    }
}

/// From rows to anchored licences.
fn issue(node: &str, licences: usize) -> Chapter {
    Chapter {
        en: "Licences from a CSV: identifier, page, seal, ledger, receipt".into(),
        zh: "由 CSV 批量签发证照：标识、版面、用章、上链、回执".into(),
        steps: vec![
            Step::write("type.toml", &sample::kind()),
            Step::write("columns.toml", sample::COLUMNS),
            Step::write("rows.csv", &sample::rows(licences)),
            run(&format!(
                "licence type publish type.toml --key nodes/1/organisation.key --cert nodes/1/organisation.cer \
                 --password-file nodes/1/password --node {node} --trust trust"
            )),
            run(&format!(
                "licence issue --type type.toml --csv rows.csv --map columns.toml --seal seal/department.esl \
                 --key nodes/1/organisation.key --cert nodes/1/organisation.cer --password-file nodes/1/password \
                 --node {node} --trust trust --out licences --receipts receipts --work work"
            )),
        ],
    }
}

/// All of them, offline.
fn verify() -> Chapter {
    Chapter {
        en: "Everyone can verify them, offline, with the folder trust/ alone".into(),
        zh: "任何人仅凭 trust/ 文件夹即可离线验证".into(),
        steps: vec![Step::VerifyAll],
    }
}

/// One is revoked.
fn revoke(node: &str) -> Chapter {
    let one = format!("licences/{}.ofd", sample::FIRST);
    let receipt = format!("receipts/{}.receipt", sample::FIRST);
    let status = format!("receipts/{}.status", sample::FIRST);
    Chapter {
        en: "One licence is revoked: a fresh status proof says so, the old receipt still proves the issue".into(),
        zh: "吊销一份证照：新的状态证明如实反映，原回执仍能证明当时的签发".into(),
        steps: vec![
            run(&format!(
                "licence revoke {one} --reason holder-closed --key nodes/1/organisation.key --cert nodes/1/organisation.cer \
                 --password-file nodes/1/password --node {node} --trust trust"
            )),
            run(&format!("licence status {one} --node {node} --trust trust --out {status}")),
            run(&format!("verify --trust trust --status {status} {one}")).refused(1, "LICENCE_NOT_IN_FORCE"),
            run(&format!("verify --trust trust {receipt}")),
        ],
    }
}

/// A node dies and comes back.
fn outage(http: &[String]) -> Chapter {
    let put = |n: usize| {
        run(&format!(
            "ledger put rows.csv --business-key outage-{n} --key nodes/1/organisation.key --cert nodes/1/organisation.cer \
             --password-file nodes/1/password --node {} --trust trust --out receipts/outage-{n}.receipt",
            http[0]
        ))
    };
    Chapter {
        en: "A node is killed: the ledger goes on; it comes back and catches up".into(),
        zh: "强行终止一个节点：账本照常运行；节点恢复后自动追平".into(),
        steps: vec![
            Step::Kill("nodes/4".into()),
            put(1),
            put(2),
            Step::node(4),
            run(&format!("node status --node {} --wait 30 --caught-up-with {}", http[3], http[0])),
        ],
    }
}

/// What is left behind.
fn finish(http: &[String]) -> Chapter {
    Chapter {
        en: "The folder explains itself".into(),
        zh: "写入说明文件".into(),
        steps: vec![Step::write("README", &readme::text(http))],
    }
}
