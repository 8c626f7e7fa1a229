//! How every tour begins: a CA, members with keys of their own, a genesis that all sign, nodes that run.

use super::{
    Ports,
    plan::{Chapter, Step, run, run_words},
};

/// A member of a sample's consortium: name, unified social credit code, what it may do.
pub(super) struct Department {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    pub(super) powers: &'static str,
}

/// Who signs.
pub(super) fn by(n: usize) -> String {
    format!(
        "--key nodes/{n}/organisation.key --cert nodes/{n}/organisation.cer --password-file nodes/{n}/password"
    )
}

/// The chapters until all nodes run.
pub(super) fn chapters(
    ledger: &str,
    departments: &[Department],
    ports: &Ports,
    http: &[String],
) -> Vec<Chapter> {
    vec![
        authorities(),
        members(departments, ports),
        genesis(ledger, departments.len()),
        start(http),
    ]
}

/// A CA of the consortium, and the folder that a verifier needs.
fn authorities() -> Chapter {
    Chapter {
        en: "A certificate authority for the consortium".into(),
        zh: "为联盟建立证书认证机构（CA）".into(),
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

/// Departments, each in its own directory: key, request, certificate, node.
fn members(departments: &[Department], ports: &Ports) -> Chapter {
    let mut steps = Vec::new();
    for (i, d) in departments.iter().enumerate() {
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
        en: format!("{} members, each making its own keys in its own directory", departments.len()),
        zh: format!("{} 家成员单位各自在自己的目录中生成密钥", departments.len()),
        steps,
    }
}

/// The ledger's first state, signed by all.
fn genesis(name: &str, count: usize) -> Chapter {
    let mut steps =
        vec![run_words(&["ledger", "genesis", "new", "ledger.genesis", "--name", name])];
    for n in 1..=count {
        steps.push(run(&format!("ledger genesis add ledger.genesis nodes/{n}/entry.genesis")));
    }
    for n in 1..=count {
        steps.push(run(&format!(
            "ledger genesis sign ledger.genesis --key nodes/{n}/organisation.key --password-file nodes/{n}/password"
        )));
    }
    steps.push(run("ledger genesis check ledger.genesis --trust trust"));
    for n in 1..=count {
        steps.push(Step::copy("ledger.genesis", &format!("nodes/{n}/ledger.genesis")));
    }
    steps.push(Step::copy("ledger.genesis", "trust/ledger.genesis"));
    Chapter {
        en: "A genesis that all of them check and sign; nobody holds two keys".into(),
        zh: "各成员单位共同核对并签署创世文件，无人持有两把密钥".into(),
        steps,
    }
}

/// A process for each.
fn start(http: &[String]) -> Chapter {
    let count = http.len();
    let mut steps: Vec<_> = (1..=count).map(Step::node).collect();
    let ready = |h| run(&format!("node status --node {h} --wait 30 --peers {}", count - 1));
    steps.extend(http.iter().map(ready));
    Chapter {
        en: format!("{count} node processes on this machine"),
        zh: format!("在本机启动 {count} 个节点进程"),
        steps,
    }
}
