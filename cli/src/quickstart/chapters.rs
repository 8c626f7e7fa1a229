//! The chapters of the tour.

use super::{
    Ports,
    plan::{Chapter, DEPARTMENTS, Step, run, run_words},
    readme, sample,
};

/// A CA of the consortium, and the folder that a verifier needs.
pub(super) fn authorities() -> Chapter {
    Chapter {
        en: "A certificate authority for the consortium",
        zh: "为联盟建立证书认证机构（CA）",
        steps: vec![
            Step::Password("ca/password".into()),
            run_words(&[
                "ca",
                "init",
                "ca",
                "--name",
                "示范市政务联盟CA",
                "--password-file",
                "ca/password",
            ]),
            run("ca crl ca --password-file ca/password --out trust/ca.crl"),
            Step::copy("ca/ca.cer", "trust/ca.cer"),
        ],
    }
}

/// Four departments, each in its own directory: key, request, certificate, node.
pub(super) fn departments(ports: &Ports) -> Chapter {
    let mut steps = Vec::new();
    for (i, d) in DEPARTMENTS.iter().enumerate() {
        let n = i + 1;
        steps.push(Step::Password(format!("nodes/{n}/password")));
        steps.push(run(&format!(
            "key new nodes/{n}/organisation.key --password-file nodes/{n}/password"
        )));
        steps.push(run_words(&[
            "key",
            "csr",
            &format!("nodes/{n}/organisation.key"),
            "--password-file",
            &format!("nodes/{n}/password"),
            "--organisation",
            d.name,
            "--code",
            d.code,
            "--out",
            &format!("nodes/{n}/organisation.csr"),
        ]));
        steps.push(run(&format!(
            "ca issue ca nodes/{n}/organisation.csr --usage signing --password-file ca/password --out nodes/{n}/organisation.cer"
        )));
        steps.push(run(&format!(
            "node init nodes/{n} --key nodes/{n}/organisation.key --cert nodes/{n}/organisation.cer \
             --password-file nodes/{n}/password --node-password-file nodes/{n}/password --trust trust --powers {} --listen 127.0.0.1:{} --http 127.0.0.1:{}",
            d.powers, ports.pairs[i], ports.http[i]
        )));
    }
    Chapter {
        en: "Four departments, each making its own keys in its own directory",
        zh: "四个部门各自在自己的目录中生成密钥",
        steps,
    }
}

/// The ledger's first state, signed by all four.
pub(super) fn genesis() -> Chapter {
    let mut steps = vec![run_words(&[
        "ledger",
        "genesis",
        "new",
        "ledger.genesis",
        "--name",
        "示范市政务账本",
    ])];
    for n in 1..=4 {
        steps.push(run(&format!("ledger genesis add ledger.genesis nodes/{n}/entry.genesis")));
    }
    for n in 1..=4 {
        steps.push(run(&format!(
            "ledger genesis sign ledger.genesis --key nodes/{n}/organisation.key --password-file nodes/{n}/password"
        )));
    }
    steps.push(run("ledger genesis check ledger.genesis --trust trust"));
    for n in 1..=4 {
        steps.push(Step::copy("ledger.genesis", &format!("nodes/{n}/ledger.genesis")));
    }
    steps.push(Step::copy("ledger.genesis", "trust/ledger.genesis"));
    Chapter {
        en: "A genesis that all four check and sign; nobody holds two keys",
        zh: "四个部门共同核对并签署创世文件，无人持有两把密钥",
        steps,
    }
}

/// Four processes.
pub(super) fn start(http: &[String]) -> Chapter {
    let mut steps: Vec<_> = (1..=4).map(Step::Start).collect();
    steps.extend(http.iter().map(|h| run(&format!("node status --node {h} --wait 30 --peers 3"))));
    Chapter {
        en: "Four node processes on this machine", zh: "在本机启动四个节点进程", steps
    }
}

/// The seal: drawn and signed by its maker.
pub(super) fn seals(node: &str) -> Chapter {
    Chapter {
        en: "An e-seal for the issuing department, drawn and signed by the seal maker",
        zh: "制章部门为发证部门制作电子印章",
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
pub(super) fn issue(node: &str, licences: usize) -> Chapter {
    Chapter {
        en: "Licences from a CSV: identifier, page, seal, ledger, receipt",
        zh: "由 CSV 批量签发证照：标识、版面、用章、上链、回执",
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
pub(super) fn verify() -> Chapter {
    Chapter {
        en: "Everyone can verify them, offline, with the folder trust/ alone",
        zh: "任何人仅凭 trust/ 文件夹即可离线验证",
        steps: vec![Step::VerifyAll],
    }
}

/// One is revoked.
pub(super) fn revoke(node: &str) -> Chapter {
    let one = format!("licences/{}.ofd", sample::FIRST);
    let receipt = format!("receipts/{}.receipt", sample::FIRST);
    let status = format!("receipts/{}.status", sample::FIRST);
    Chapter {
        en: "One licence is revoked: a fresh status proof says so, the old receipt still proves the issue",
        zh: "吊销一份证照：新的状态证明如实反映，原回执仍能证明当时的签发",
        steps: vec![
            run(&format!(
                "licence revoke {one} --reason holder-closed --key nodes/1/organisation.key --cert nodes/1/organisation.cer \
                 --password-file nodes/1/password --node {node} --trust trust"
            )),
            run(&format!("licence status {one} --node {node} --trust trust --out {status}")),
            run(&format!("verify --trust trust --status {status} {one}")).expecting(1),
            run(&format!("verify --trust trust {receipt}")),
        ],
    }
}

/// A node dies and comes back.
pub(super) fn outage(http: &[String]) -> Chapter {
    let put = |n: usize| {
        run(&format!(
            "ledger put rows.csv --business-key outage-{n} --key nodes/1/organisation.key --cert nodes/1/organisation.cer \
             --password-file nodes/1/password --node {} --trust trust --out receipts/outage-{n}.receipt",
            http[0]
        ))
    };
    Chapter {
        en: "A node is killed: the ledger goes on; it comes back and catches up",
        zh: "强行终止一个节点：账本照常运行；节点恢复后自动追平",
        steps: vec![
            Step::Kill(4),
            put(1),
            put(2),
            Step::Start(4),
            run(&format!("node status --node {} --wait 30 --caught-up-with {}", http[3], http[0])),
        ],
    }
}

/// What is left behind.
pub(super) fn finish(http: &[String]) -> Chapter {
    Chapter {
        en: "The folder explains itself",
        zh: "写入说明文件",
        steps: vec![Step::write("README", &readme::text(http))],
    }
}
