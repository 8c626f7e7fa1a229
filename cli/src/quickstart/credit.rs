//! The third tour: what is published of a small company, how it answers, and how it gets a loan on one invoice.

mod readme;
mod sample;

use std::path::Path;

use yinxin_verdict::UnixTime;

use self::sample::{COMPANY, ago};
use super::{
    Ports,
    founding::{self, Department, by},
    plan::{Chapter, Plan, Step, chapter, run},
};

/// Invented members; the codes have right check characters and belong to nobody.
const MEMBERS: [Department; 5] = [
    Department {
        name: "示范市市场监督管理局",
        code: "11990100MB0A00018B",
        powers: "anchor,credit",
    },
    Department {
        name: "示范市税务局", code: "11990100MB0A00042U", powers: "anchor,credit,assets"
    },
    Department {
        name: "示范银行", code: "91990100MB0A00061J", powers: "anchor,credit-use,assets"
    },
    Department {
        name: "示范农村商业银行",
        code: "91990100MB0A00093U",
        powers: "anchor,credit-use,assets",
    },
    Department {
        name: "示范市公共信用信息中心",
        code: "11990100MB0A000341",
        powers: "anchor,certificates,credit,credit-authority,credit-court",
    },
];

const MARKET: usize = 1;
const TAX: usize = 2;
const BANK: usize = 3;
const OTHER_BANK: usize = 4;
const CENTRE: usize = 5;

/// How many nodes run.
pub(super) const NODES: usize = MEMBERS.len();

const LOAN: &str = "信贷审批";

/// Two spellings of one invoice's number.
const INVOICE: &str = "25992000000012345678";
const SAME_INVOICE: &str = "发票号码：２５９９－２０００－００００－１２３４－５６７８";

/// Where everything happens.
struct Scene {
    node: String,
    now: UnixTime,
}

/// The plan for a folder and free ports.
pub(super) fn plan(folder: &Path, ports: &Ports, now: UnixTime) -> Plan {
    let http = ports.addresses();
    let scene = Scene { node: http[0].clone(), now };
    let mut chapters = founding::chapters("示范市公共信用账本", &MEMBERS, ports, &http);
    chapters.extend([
        scene.law(),
        scene.published(),
        scene.objection(),
        scene.repair(),
        scene.listed(),
        scene.authorisation(),
        scene.view(),
        scene.score(),
        scene.register(),
        scene.pledge(),
        scene.end(),
        scene.batch(),
        chapter(
            "The folder explains itself",
            "写入说明文件",
            vec![Step::write(
                "README",
                &readme::text(&http, MEMBERS[MARKET - 1].code, MEMBERS[TAX - 1].code),
            )],
        ),
    ]);
    Plan { folder: folder.display().to_string(), http, chapters }
}

impl Scene {
    fn at(&self) -> String {
        format!("--node {} --trust trust", self.node)
    }

    /// A public command with a signer, through the first node.
    fn act(&self, command: &str, signer: usize) -> Step {
        run(&format!("{command} {} {}", by(signer), self.at()))
    }

    /// An item from a form; the file keeps its number.
    fn records(&self, class: &str, name: &str) -> Step {
        let command = format!(
            "credit record {class} market/{name}.toml --paper market/{name}.txt --contents market/contents --classes classes.toml \
             --calendar days.toml --out receipts/{name}.receipt"
        );
        self.act(&command, MARKET).keeping(&format!("ids/{name}"))
    }

    /// A form and the paper that it is about.
    fn writes(&self, name: &str, form: &str) -> [Step; 2] {
        let paper = format!("示范市市场监督管理局 决定书 {name}\n");
        [
            Step::write(&format!("market/{name}.toml"), form),
            Step::write(&format!("market/{name}.txt"), &paper),
        ]
    }

    /// Classes, periods and deadlines are data that an authority publishes.
    fn law(&self) -> Chapter {
        chapter(
            "The credit centre publishes the law as data: classes, terms, repair, a formula for scores, working days",
            "信用中心以数据形式发布规则：类别、公示期、修复条件、评分公式、工作日",
            vec![
                Step::write("classes.toml", sample::CLASSES),
                Step::write("formula.toml", sample::FORMULA),
                Step::write("days.toml", &sample::days(self.now)),
                run("credit classes classes.toml"),
                self.act("data calendar --calendar days.toml", CENTRE),
                self.act("credit publish --classes classes.toml --receipts receipts/law", CENTRE),
                self.act("credit publish --formula formula.toml --receipts receipts/law", CENTRE),
            ],
        )
    }

    /// Both publications: in time, late, and one whose term is over by now.
    fn published(&self) -> Chapter {
        let mut steps = Vec::new();
        steps.extend(self.writes("licence", &sample::licence(&ago(self.now, 3))));
        for (name, days, fine) in
            [("recent", 2, "5000"), ("former", 130, "20000"), ("minor", 120, "0")]
        {
            steps.extend(self.writes(name, &sample::penalty(name, &ago(self.now, days), fine)));
        }
        steps.extend([
            self.records("licence", "licence"),
            self.records("penalty.ordinary", "recent"),
            self.records("penalty.ordinary", "former"),
            self.records("penalty.minor", "minor"),
            run(&format!("credit status {{ids/minor}} {}", self.at())),
            run(&format!("credit lateness {}", self.at())),
        ]);
        chapter(
            "The market regulator publishes a licence and three penalties: two of them late, and everybody can count it; one has expired by itself",
            "市场监管局公示一项许可和三项处罚：两项逾期，人人可计；一项已自动到期",
            steps,
        )
    }

    /// The company objects; the authority corrects; what was said before stays on the ledger.
    fn objection(&self) -> Chapter {
        let right = sample::penalty("recent", &ago(self.now, 2), "3000");
        chapter(
            "The company objects to an amount; the regulator corrects it, and nothing is erased",
            "企业对金额提出异议，市场监管局予以更正，原记录不删除",
            vec![
                Step::write("company/statement.txt", "罚款金额应为三千元，见缴款凭证。\n"),
                self.act(
                    "credit dispute {ids/recent} --statement company/statement.txt --calendar days.toml --out receipts/objection.receipt",
                    CENTRE,
                )
                .keeping("ids/objection"),
                Step::write("market/recent-corrected.toml", &right),
                self.act(
                    "credit resolve {ids/objection} corrected --form market/recent-corrected.toml --contents market/contents --classes classes.toml",
                    MARKET,
                ),
            ],
        )
    }

    /// Repair: too early it is refused, after the minimum term it is decided.
    fn repair(&self) -> Chapter {
        let apply = |item: &str| {
            format!(
                "credit repair apply {{ids/{item}}} --evidence commitment-letter=company/letter.txt --evidence duty-done=company/done.txt \
                 --commitment company/letter.txt --calendar days.toml"
            )
        };
        chapter(
            "Repair: three months have not passed for one penalty – refused; for the other they have – accepted",
            "信用修复：一项处罚未满三个月，申请被拒；另一项已满，准予修复",
            vec![
                Step::write("company/letter.txt", "信用承诺书：依法诚信经营。\n"),
                Step::write("company/done.txt", "罚款缴纳凭证\n"),
                self.act(&apply("recent"), CENTRE).refused(1, "BEFORE_MINIMUM"),
                self.act(&format!("{} --out receipts/repair.receipt", apply("former")), CENTRE)
                    .keeping("ids/repair"),
                Step::write("market/accepted.txt", "准予信用修复决定书\n"),
                self.act("credit repair decide {ids/repair} --accept market/accepted.txt", MARKET),
                run(&format!("credit status {{ids/former}} {}", self.at())),
            ],
        )
    }

    /// A place on a list, what a department did because of it, and that this ends with the place.
    fn listed(&self) -> Chapter {
        let tax = MEMBERS[TAX - 1].code;
        let mut steps =
            Vec::from(self.writes("abnormal", &sample::general("abnormal", &ago(self.now, 20))));
        steps.extend([
            self.records("abnormal", "abnormal"),
            Step::write("tax/case.txt", "重点监管立案表\n"),
            Step::write("tax/report.txt", "重点监管情况反馈：未再发现异常\n"),
            self.act(
                "credit measure apply {ids/abnormal} focus-supervision --law 优化营商环境条例 --case tax/case.txt",
                TAX,
            )
            .keeping("ids/measure"),
            self.act("credit measure tell {ids/measure} --result 1 --report tax/report.txt", TAX),
            run(&format!("credit measure list --of {tax} {}", self.at())),
            run(&format!("credit list abnormal {}", self.at())),
            self.act("credit delist {ids/abnormal} --evidence duty-done=company/done.txt", MARKET),
            run(&format!("credit measure list --of {tax} --due {}", self.at())),
            self.act("credit measure lift {ids/measure} --reason 1", TAX),
            self.act(
                "credit measure apply {ids/abnormal} focus-supervision --law 优化营商环境条例 --case tax/report.txt",
                TAX,
            )
            .refused(1, "ILLEGAL_MOVE"),
        ]);
        chapter(
            "The company is put on the list of abnormal operation; the tax bureau supervises it, tells what came of it, and lifts it once the company has left the list",
            "企业被列入经营异常名录；税务局采取重点监管并反馈结果，移出名录后即行解除",
            steps,
        )
    }

    /// Inspections of a year as one act, whose rules anybody can execute again.
    fn batch(&self) -> Chapter {
        let market = MEMBERS[MARKET - 1].code;
        let batches = format!("--source {market} --classes classes.toml");
        chapter(
            "The regulator publishes its inspections as one batch; an auditor executes every record of it again, and counts lateness by the calendar",
            "市场监管局将检查结果作为一个批次发布；审计人员逐条重新执行，并按工作日历重算逾期",
            vec![
                Step::write("market/inspections.csv", &sample::inspections(&ago(self.now, 9))),
                self.act(
                    &format!(
                        "credit import market/inspections.csv --class inspection --store market/store --publish published {batches} --calendar days.toml"
                    ),
                    MARKET,
                ),
                run(&format!("audit check --batches published {batches} {}", self.at())),
                run(&format!("credit lateness --recount --calendar days.toml {}", self.at())),
                run(&format!("credit uses {COMPANY} {}", self.at())),
            ],
        )
    }

    /// The company signs with its own key, far from any node.
    fn authorisation(&self) -> Chapter {
        let bank = MEMBERS[BANK - 1].code;
        let until = ago(self.now, -90);
        let password = "--password-file company/password";
        chapter(
            "The company, which runs no node, signs who may see its credit, for what, until when",
            "企业自己不运行节点，离线签署授权：谁可查看、何种用途、至何时",
            vec![
                Step::Password("company/password".into()),
                run(&format!("key new company/company.key {password}")),
                run(&format!(
                    "key csr company/company.key {password} --organisation 示范精密机械有限公司 --code {COMPANY} --out company/company.csr"
                )),
                run("ca issue ca company/company.csr --usage signing --password-file ca/password --out company/company.cer"),
                self.act(
                    &format!("credit key {COMPANY} --subject-cert company/company.cer"),
                    CENTRE,
                ),
                run(&format!(
                    "credit authorise sign {COMPANY} --reader {bank} --purpose {LOAN} --until {until} --key company/company.key {password} \
                     --trust trust --out company/authorisation"
                ))
                .keeping("ids/authorisation"),
                self.act(
                    "credit authorise submit company/authorisation --out receipts/authorisation.receipt",
                    BANK,
                ),
            ],
        )
    }

    fn takes(&self, who: usize, out: &str) -> Step {
        let command = format!(
            "credit view take {COMPANY} --purpose {LOAN} --grant {{ids/authorisation}} --contents market/contents --package {out}"
        );
        self.act(&command, who)
    }

    /// Complete, on record, checked offline; without an authorisation nothing is seen.
    fn view(&self) -> Chapter {
        chapter(
            "The bank takes a view: proven complete, on record before it is shown; the other bank has no authorisation and sees nothing",
            "银行查看信用：可证明完整，先留痕后展示；另一家银行未获授权，无法查看",
            vec![
                self.takes(OTHER_BANK, "other-bank/company.view").refused(1, "caller"),
                self.takes(BANK, "bank/company.view"),
                run("credit view check bank/company.view --trust trust"),
                Step::write("centre/inquiry.txt", "调取信用记录通知书\n"),
                self.act(
                    &format!("credit view take {COMPANY} --purpose 司法查询 --court （2026）某0102民初1号 --inquiry centre/inquiry.txt --package centre/court.view"),
                    CENTRE,
                ),
            ],
        )
    }

    /// Computed by anyone, published, computed again.
    fn score(&self) -> Chapter {
        let from = "bank/company.view --formula formula.toml --trust trust";
        chapter(
            "A score by the published formula: every point explained, what a repair would change; published, and computed again",
            "按已发布的公式评分：逐项说明、修复影响；公布后可重新计算核对",
            vec![
                run(&format!("credit score compute {from} --out centre/score")),
                self.act(
                    "credit score publish centre/score --package bank/company.view --formula formula.toml --out receipts/score.receipt",
                    CENTRE,
                ),
                run(&format!("credit score check {from} --score centre/score")),
            ],
        )
    }

    /// The tax bureau keeps the register of invoices.
    fn register(&self) -> Chapter {
        let key = |number: &str| {
            run(&format!("asset key invoice {number} --secret tax/secret {}", self.at()))
        };
        chapter(
            "The tax bureau registers an invoice: whatever the spelling of its number, it has one key",
            "税务局登记一张发票：无论编号如何书写，对应同一标识",
            vec![
                run("asset secret tax/secret"),
                run("asset check tax/secret").keeping("ids/secret-check"),
                self.act(
                    &format!(
                        "asset custodian invoice {} --check {{ids/secret-check}}",
                        MEMBERS[TAX - 1].code
                    ),
                    CENTRE,
                ),
                key(INVOICE).keeping("ids/invoice"),
                key(SAME_INVOICE).keeping("ids/same-invoice"),
                Step::write("tax/invoice.txt", sample::INVOICE),
                self.act(
                    &format!(
                        "asset register {{ids/invoice}} --owner {COMPANY} --content tax/invoice.txt --due {} --out receipts/invoice.receipt",
                        ago(self.now, -90)
                    ),
                    TAX,
                ),
            ],
        )
    }

    /// The owner agrees with both banks; the ledger takes one.
    fn pledge(&self) -> Chapter {
        let signs = |bank: usize, id: &str, folder: &str| {
            run(&format!(
                "asset sign pledge {{ids/{id}}} --turn 0 --pledgee {} --contract {folder}/contract.txt --key company/company.key \
                 --password-file company/password --trust trust --out company/pledge-{folder}",
                MEMBERS[bank - 1].code
            ))
        };
        chapter(
            "The same invoice is offered to two banks: the first has it, the second is told whom to ask",
            "同一张发票向两家银行质押：先到者得，后者被告知应联系的质权人",
            vec![
                Step::write("bank/contract.txt", "借款合同：五十万元\n"),
                Step::write("other-bank/contract.txt", "借款合同：四十万元\n"),
                signs(BANK, "invoice", "bank"),
                signs(OTHER_BANK, "same-invoice", "other-bank"),
                self.act("asset pledge company/pledge-bank --out receipts/pledge.receipt", BANK),
                self.act("asset pledge company/pledge-other-bank", OTHER_BANK)
                    .refused(1, "ASSET_PLEDGED"),
                run(&format!("asset status {{ids/same-invoice}} {}", self.at())),
            ],
        )
    }

    /// The loan is paid back, and the company ends the authorisation.
    fn end(&self) -> Chapter {
        chapter(
            "The loan is paid back: the pledge is released, the company ends the authorisation, and the bank sees nothing more",
            "贷款结清：解除质押，企业撤销授权，银行不能再查看",
            vec![
                self.act(
                    "asset release {ids/invoice} --reason 1 --out receipts/release.receipt",
                    BANK,
                ),
                run(
                    "credit revoke sign {ids/authorisation} --key company/company.key --password-file company/password --trust trust --out company/revocation",
                ),
                self.act(
                    "credit revoke submit company/revocation --out receipts/revocation.receipt",
                    BANK,
                ),
                self.takes(BANK, "bank/late.view").refused(1, "revoked"),
            ],
        )
    }
}
