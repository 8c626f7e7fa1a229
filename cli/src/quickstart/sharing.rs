//! The second tour: three departments' data to a bank and back, masked, from requests to the auditor's picture.

mod readme;
mod sample;
mod tables;

use std::path::Path;

use yinxin_verdict::UnixTime;

use super::{
    Ports,
    founding::{self, Department, by},
    plan::{Chapter, Plan, Step, chapter, run, run_words, words},
};
use tables::{MASKED_FIELDS, RESULT_FIELDS, resources};

/// Invented members; the codes have right check characters and belong to nobody.
const MEMBERS: [Department; 5] = [
    Department {
        name: "示范市市场监督管理局",
        code: "11990100MB0A00018B",
        powers: "anchor,data,data-use",
    },
    Department { name: "示范市税务局", code: "11990100MB0A00042U", powers: "anchor,data" },
    Department {
        name: "示范市人力资源和社会保障局",
        code: "11990100MB0A00050N",
        powers: "anchor,data",
    },
    Department { name: "示范银行", code: "91990100MB0A00061J", powers: "anchor,data,data-use" },
    Department {
        name: "示范市大数据管理局",
        code: "11990100MB0A000341",
        powers: "certificates,data-authority",
    },
];

const MARKET: usize = 1;
const TAX: usize = 2;
const INSURANCE: usize = 3;
const BANK: usize = 4;
const BUREAU: usize = 5;

/// How many nodes run, and how many servers beside them.
pub(super) const NODES: usize = MEMBERS.len();
pub(super) const SERVERS: usize = 1;

const CREDIT: &str = "信贷审批";
const BASIS: &str = "中小企业促进法第十六条";

/// What the bank says to the refusal; the ledger holds its digest.
const APPEAL: &str = "本行现有普惠贷款客户 60 家，实际所需不超过 500 行，请予人工审批。\n";

/// Where everything happens.
struct Scene {
    node: String,
    /// Where the market regulator serves its table.
    server: String,
    /// Today, for accounts.
    today: String,
    /// The last day of what is asked for, and the year of the calendar.
    until: String,
    year: u32,
}

/// The plan for a folder and free ports.
pub(super) fn plan(folder: &Path, ports: &Ports, now: UnixTime) -> Plan {
    let http = ports.addresses();
    let until = now.plus_millis(300 * 24 * 3_600_000).china_date();
    let year = now.china_date().get(..4).and_then(|y| y.parse().ok()).unwrap_or(2026);
    let server = format!("127.0.0.1:{}", ports.servers[0]);
    let scene = Scene { node: http[0].clone(), server, today: now.china_date(), until, year };
    let mut chapters = founding::chapters("示范市数据共享账本", &MEMBERS, ports, &http);
    chapters.extend([
        scene.catalogue(),
        scene.automatic(),
        scene.access(),
        scene.appeal(),
        scene.two_persons(),
        scene.sealed(),
        scene.masked(),
        scene.result(),
        scene.accounts(),
        scene.revocation(),
        scene.auditor(),
        finish(&http),
    ]);
    Plan { folder: folder.display().to_string(), http, chapters }
}

/// The code of a resource.
fn resource(owner: usize, number: &str) -> String {
    format!("{}.{}", MEMBERS[owner - 1].code, number.replace('/', "~"))
}

impl Scene {
    fn at(&self) -> String {
        format!("--node {} --trust trust", self.node)
    }

    /// A public command with a signer, through the first node.
    fn act(&self, command: &str, signer: usize) -> Step {
        run(&format!("{command} {} {}", by(signer), self.at()))
    }

    /// A decision: the organisation signs the record, a person within it.
    fn decides(&self, command: &str, owner: usize, person: &str) -> Step {
        let who =
            format!("--approver {person}.key --approver-password-file nodes/{owner}/password");
        self.act(&format!("{command} {who}"), owner)
    }

    /// A request by a member; the file keeps its number, which is the grant's too.
    fn asks(&self, who: usize, of: &str, fields: &[&str], more: &str, id: &str) -> Step {
        let fields: String = fields.iter().map(|f| format!(" --field {f}")).collect();
        let purpose = if who == BANK { CREDIT } else { "金融监管" };
        let command = format!(
            "data request {of}{fields} --purpose {purpose} --item 0001 --basis {BASIS} --until {} --calendar days.toml \
             --business-key {} {more} --out receipts/{}.receipt",
            self.until,
            id.replace('/', "-"),
            id.replace('/', "-"),
        );
        self.act(&command, who).keeping(id)
    }

    /// Catalogues, who decides, and the days that deadlines are counted with.
    fn catalogue(&self) -> Chapter {
        let mut steps = vec![
            Step::write("days.toml", &sample::days(self.year)),
            self.act("data calendar --calendar days.toml", BUREAU),
        ];
        for (owner, folder, text, policy) in resources() {
            steps.push(Step::write(&format!("{folder}/catalogue.csv"), &text));
            steps.push(Step::write(&format!("{folder}/policy.toml"), &policy));
            let publish = format!(
                "data publish {folder}/catalogue.csv --policy {folder}/policy.toml --work {folder}/work"
            );
            steps.push(self.act(&publish, owner));
        }
        for (owner, folder, persons) in
            [(TAX, "tax", &["first"][..]), (INSURANCE, "insurance", &["first", "second"])]
        {
            let mut named = String::new();
            for person in persons {
                steps.extend(person_of(owner, &format!("{folder}/{person}"), person));
                named.push_str(&format!(" --approver core={folder}/{person}.cer"));
            }
            steps.push(self.act(&format!("data approvers{named}"), owner));
        }
        steps.push(run("data search tax/catalogue.csv 纳税 信用"));
        chapter(
            "Departments publish what they share, on which conditions, and who decides",
            "各部门发布共享目录、共享条件和审批人",
            steps,
        )
    }

    /// Within the owner's rule the ledger itself grants.
    fn automatic(&self) -> Chapter {
        let of = resource(MARKET, "306/1");
        let fields = ["统一社会信用代码", "企业名称", "经营状态"];
        let more = "--calls 100 --rows 1000 --bytes 1000000";
        chapter(
            "The bank asks for registrations: within the owner's rule, and granted in the same block",
            "银行申请企业登记信息：符合提供方规则，同一区块内自动授权",
            vec![self.asks(BANK, &of, &fields, more, "ids/registration")],
        )
    }

    /// Calls under the grant, each recorded before its answer leaves; another purpose is refused.
    fn access(&self) -> Chapter {
        let Self { server, .. } = self;
        let settings = format!(
            "catalogue = \"catalogue.csv\"\n\n[[resource]]\ncode = \"{}\"\nfile = \"table.csv\"\n",
            resource(MARKET, "306/1")
        );
        let serve = format!(
            "data serve market/serve.toml --work market/serving --listen {server} {} {}",
            by(MARKET),
            self.at()
        );
        chapter(
            "The market regulator serves its table; the bank fetches what it was granted, and nothing for another purpose",
            "市场监管局开放数据接口；银行按授权取数，用于其他目的则被拒绝",
            vec![
                Step::write("market/table.csv", &sample::registration()),
                Step::write("market/serve.toml", &settings),
                Step::Start { home: "server".into(), args: words(&serve) },
                self.fetch("bank/registration.csv", true),
                run(&format!("{} --purpose 营销", self.fetching("bank/marketing.csv")))
                    .refused(6, "purpose"),
            ],
        )
    }

    fn fetching(&self, out: &str) -> String {
        format!(
            "data fetch {{ids/registration}} --server http://{} --out {out} --journal bank/journal {} {}",
            self.server,
            by(BANK),
            self.at()
        )
    }

    fn fetch(&self, out: &str, patiently: bool) -> Step {
        let line = self.fetching(out);
        if patiently { Step::Until(words(&line)) } else { run(&line) }
    }

    /// Beyond the rule it refuses; a person hears the appeal.
    fn appeal(&self) -> Chapter {
        let of = resource(TAX, "308/1");
        let fields = ["统一社会信用代码", "纳税年度", "纳税信用级别", "欠税余额元"];
        let more = "--calls 10 --rows 100000 --bytes 100000000";
        chapter(
            "It asks the tax bureau for too many rows: refused by rule, appealed, granted by a person for less",
            "银行向税务局申请过多行数：规则自动拒绝，申诉后由审批人缩减授权",
            vec![
                self.asks(BANK, &of, &fields, more, "ids/tax"),
                Step::write("bank/appeal.txt", APPEAL),
                self.act(
                    &format!(
                        "data appeal {{ids/tax}} --statement {} --calendar days.toml",
                        yinxin_gm::sm3::digest(APPEAL.as_bytes())
                    ),
                    BANK,
                ),
                self.decides("data grant {ids/tax} --rows 500 --bytes 1000000", TAX, "tax/first"),
            ],
        )
    }

    /// For persons' data two persons decide, and not one of them twice.
    fn two_persons(&self) -> Chapter {
        let of = resource(INSURANCE, "309/1");
        let fields = ["统一社会信用代码", "参保人数", "连续缴费月数", "经办人", "经办人证号"];
        let more = "--calls 10 --rows 500 --bytes 1000000";
        chapter(
            "Social insurance holds data of persons: two persons must agree, and one of them twice does not count",
            "社保数据涉及个人：须两人审批，同一人重复审批无效",
            vec![
                self.asks(BANK, &of, &fields, more, "ids/insurance"),
                self.decides("data grant {ids/insurance}", INSURANCE, "insurance/first"),
                self.decides("data approve {ids/insurance}", INSURANCE, "insurance/first")
                    .refused(1, "APPROVER_TWICE"),
                self.decides("data approve {ids/insurance}", INSURANCE, "insurance/second"),
            ],
        )
    }

    /// The tax table, encrypted to the bank alone.
    fn sealed(&self) -> Chapter {
        let open = |n: usize, out: &str| {
            self.act(
                &format!(
                    "data open tax/table.envelope --from nodes/{TAX}/organisation.cer --out {out}"
                ),
                n,
            )
        };
        let rows = sample::ROWS;
        chapter(
            "The tax table travels sealed: the bank opens it, nobody else can",
            "税务数据加密交付：仅银行可以打开",
            vec![
                Step::write("tax/table.csv", &sample::tax()),
                run(&format!("data seal tax/table.csv --to nodes/{BANK}/organisation.cer --out tax/table.envelope {}", by(TAX))),
                self.act(&format!("data deliver tax/table.envelope --to {{ids/tax}}=nodes/{BANK}/organisation.cer --rows {rows} --no-server --out receipts/tax-delivery.receipt"), TAX),
                open(BANK, "bank/tax.csv"),
                open(MARKET, "market/stolen.csv").refused(6, "not addressed|接收者中没有"),
            ],
        )
    }

    /// Of persons the bank sees a masked view, which anyone can check against the owner's signature.
    fn masked(&self) -> Chapter {
        let table =
            "insurance/table.csv --fields insurance/fields.toml --seed insurance/secret.seed";
        let rows = sample::ROWS;
        chapter(
            "Of persons the bank gets a masked view: anyone verifies it against the owner's signature, nobody sees the rest",
            "个人信息以脱敏视图提供：任何人可据提供方签名验证，其余内容不可见",
            vec![
                Step::write("insurance/table.csv", &sample::insurance()),
                Step::write("insurance/fields.toml", MASKED_FIELDS),
                run(&format!("data mask {table} --out insurance/table.statement {}", by(INSURANCE))),
                self.act("ledger put insurance/table.statement --business-key statement --out receipts/statement.receipt", INSURANCE),
                run(&format!(
                    "data view {table} --statement insurance/table.statement --show 统一社会信用代码=value --show 参保人数=range/500 \
                     --show 连续缴费月数=value --show 经办人=keep/1/0 --show 经办人证号=keep/4/0 --k 2 --out insurance/table.view"
                )),
                run(&format!("data seal insurance/table.view --to nodes/{BANK}/organisation.cer --out insurance/view.envelope {}", by(INSURANCE))),
                self.act(&format!("data derive insurance/view.envelope --method masked --from {}@1 --rule insurance/fields.toml --purpose {CREDIT}", resource(INSURANCE, "309/1")), INSURANCE),
                self.act(&format!("data deliver insurance/view.envelope --to {{ids/insurance}}=nodes/{BANK}/organisation.cer --rows {rows} --no-server --out receipts/insurance-delivery.receipt"), INSURANCE),
                self.act(&format!("data open insurance/view.envelope --from nodes/{INSURANCE}/organisation.cer --out bank/insurance.view"), BANK),
                run(&format!("data verify-view bank/insurance.view --from nodes/{INSURANCE}/organisation.cer --trust trust --k 2")),
            ],
        )
    }

    /// What the bank made of it goes back, masked.
    fn result(&self) -> Chapter {
        let table = "bank/result.csv --fields bank/fields.toml --seed bank/secret.seed";
        let of = resource(BANK, "501/1");
        let rows = sample::ROWS;
        let server = |n: usize| format!("nodes/{n}/organisation.cer");
        chapter(
            "The bank's result names its three sources; a masked view of it goes back to the market regulator",
            "银行的授信结果注明三个来源，其脱敏视图回传市场监管局",
            vec![
                Step::write("bank/result.csv", &sample::result()),
                Step::write("bank/rule.txt", sample::RULE),
                Step::write("bank/fields.toml", RESULT_FIELDS),
                self.act(
                    &format!(
                        "data derive bank/result.csv --method joined --from g:{{ids/registration}} --from g:{{ids/tax}}=tax/table.envelope \
                         --from g:{{ids/insurance}}=insurance/view.envelope --rule bank/rule.txt --purpose {CREDIT} --out receipts/result.receipt"
                    ),
                    BANK,
                ),
                self.asks(MARKET, &of, &["统一社会信用代码", "授信结论", "授信额度万元"], "--calls 10 --rows 1000 --bytes 1000000", "ids/result"),
                run(&format!("data mask {table} --out bank/result.statement {}", by(BANK))),
                run(&format!("data view {table} --statement bank/result.statement --show 统一社会信用代码=value --show 授信结论=value --show 授信额度万元=range/100 --out bank/result.view")),
                run(&format!("data seal bank/result.view --to {} --out bank/view.envelope {}", server(MARKET), by(BANK))),
                self.act("data derive bank/view.envelope --method masked --from bank/result.csv --rule bank/fields.toml --purpose 金融监管", BANK),
                self.act(&format!("data deliver bank/view.envelope --to {{ids/result}}={} --rows {rows} --no-server --out receipts/result-delivery.receipt", server(MARKET)), BANK),
                self.act(&format!("data open bank/view.envelope --from {} --out market/result.view", server(BANK)), MARKET),
                run(&format!("data verify-view market/result.view --from {} --trust trust", server(BANK))),
            ],
        )
    }

    /// A minute that is over is told on the ledger, each call within it is provable, and both sides counted the same.
    fn accounts(&self) -> Chapter {
        let period = format!(
            "data reconcile {{ids/registration}} --from {} --until {{ids/minute}}",
            self.today
        );
        chapter(
            "Once the minute is over its window is on the ledger: one call is proven within it, and both sides counted the same",
            "该分钟结束后访问窗口入账：单次调用可据此证明，双方对账一致",
            vec![
                Step::Until(words("data line market/serving 0 --out receipts/call.line")),
                run("data verify-line receipts/call.line --trust trust"),
                Step::Minute("ids/minute".into()),
                self.act(&format!("{period} --journal market/serving/journal"), MARKET),
                self.act(&format!("{period} --journal bank/journal"), BANK),
            ],
        )
    }

    /// Effective at once.
    fn revocation(&self) -> Chapter {
        chapter(
            "Two grants are revoked: from this moment the server refuses, and the envelope stays shut",
            "撤销两项授权：接口立即拒绝访问，信封立即无法再打开",
            vec![
                self.act("data revoke {ids/registration} --reason 7 --out receipts/registration-revocation.receipt", MARKET),
                self.fetch("bank/late-registration.csv", false).refused(6, "revoked"),
                self.act("data revoke {ids/tax} --reason 7 --out receipts/tax-revocation.receipt", TAX),
                self.act(&format!("data open tax/table.envelope --from nodes/{TAX}/organisation.cer --out bank/late.csv"), BANK).refused(6, "revoked"),
                Step::Stop("server".into()),
            ],
        )
    }

    /// Everything about the result, drawn, exported, signed, verified.
    fn auditor(&self) -> Chapter {
        let about = format!("bank/result.csv {}", self.at());
        chapter(
            "The auditor asks where the bank's result came from and where it went: a picture, and evidence that proves itself",
            "审计人员查询授信结果的来龙去脉：溯源图与自证明的证据包",
            vec![
                Step::Password("auditor/password".into()),
                run("key new auditor/organisation.key --password-file auditor/password"),
                run_words(&[
                    "key",
                    "csr",
                    "auditor/organisation.key",
                    "--password-file",
                    "auditor/password",
                    "--organisation",
                    "示范市审计局",
                    "--code",
                    "11990100MB0A00077E",
                    "--out",
                    "auditor/organisation.csr",
                ]),
                run(
                    "ca issue ca auditor/organisation.csr --usage signing --password-file ca/password --out auditor/organisation.cer",
                ),
                run(&format!("trace {about} --verify")),
                run(&format!("trace {about} --graph svg --out auditor/trace.svg")),
                run(&format!(
                    "audit export {about} --document bank/result.csv --certificate tax/first.cer --certificate insurance/first.cer \
                     --certificate insurance/second.cer --key auditor/organisation.key --cert auditor/organisation.cer \
                     --password-file auditor/password --out auditor/case"
                )),
                run("verify --brief --trust trust auditor/case"),
                run(&format!("audit check {}", self.at())),
            ],
        )
    }
}

/// A person of a department with a key and a certificate of its own.
fn person_of(owner: usize, path: &str, name: &str) -> [Step; 3] {
    let password = format!("--password-file nodes/{owner}/password");
    [
        run(&format!("key new {path}.key {password}")),
        run(&format!(
            "key csr {path}.key {password} --organisation {} --name {name} --out {path}.csr",
            MEMBERS[owner - 1].name
        )),
        run(&format!(
            "ca issue ca {path}.csr --usage signing --password-file ca/password --out {path}.cer"
        )),
    ]
}

/// What is left behind.
fn finish(http: &[String]) -> Chapter {
    chapter(
        "The folder explains itself",
        "写入说明文件",
        vec![Step::write("README", &readme::text(http))],
    )
}
