//! The README of the folder that this tour leaves.

use super::sample::COMPANY;

/// Commands to try, in both languages.
pub(super) fn text(http: &[String], market: &str, tax: &str) -> String {
    let node = &http[0];
    format!(
        "\
yinxin quickstart --scenario credit
===================================

classes.toml formula.toml  the law and the score as data: invented, replace them      规则与评分公式（示例数据）
market/                    what the regulator decided: forms, papers, contents         市场监管局的表单、文书与内容
company/                   what the company signed with its own key                    企业自己签署的文件
bank/company.view          what the bank saw, with the proof that it is all            银行所见，附完整性证明
centre/court.view          the same for a court: what was repaired is there            司法查询：含已修复记录
centre/score               the score, with the salt that proves it                     评分及其盐值
published/ market/store    the batch of inspections, and the source's own store        检查结果批次与来源库
trust/                     all that a verifier needs                                   验证所需的全部
receipts/                  the receipts of what was done; ids/ the numbers             各步骤的回执；ids/ 为编号
nodes/1..5                 one directory per member: keys, certificate, node           各成员目录：密钥、证书、节点

Try (run inside this folder; nothing below but the last part needs a running node):

  yinxin credit view check bank/company.view --trust trust
  yinxin credit view check centre/court.view --trust trust
  yinxin credit score compute bank/company.view --formula formula.toml --trust trust
  yinxin credit score check bank/company.view --formula formula.toml --score centre/score --trust trust
  yinxin credit classes classes.toml --class penalty.ordinary
  yinxin asset key invoice NO.25992000000012345678 --secret tax/secret --offline
  yinxin verify --brief --trust trust receipts/pledge.receipt
  yinxin audit check nodes/1 --batches published --source {market} --classes classes.toml --work audited
  yinxin credit view check centre/score --trust trust          # no view: exit code 4

The proofs of a view are of their day: later, judge them as of then, with --at TIME.
视图中的证明以查看当日为准：日后核对请用 --at 指定时间。

With the nodes (start them again, each in its own terminal or with &):

  yinxin node run nodes/1     yinxin node run nodes/2     …     yinxin node run nodes/5
  yinxin credit status $(cat ids/former) --node {node} --trust trust     # repaired
  yinxin credit lateness --recount --calendar days.toml --node {node} --trust trust
  yinxin credit measure list --of {tax} --node {node} --trust trust     # lifted
  yinxin credit uses {COMPANY} --node {node} --trust trust             # who looked
  yinxin asset status $(cat ids/invoice) --node {node} --trust trust     # free again

and in a browser 在浏览器中:

  {node}/credit?subject={COMPANY}     the company's records, what can be done, who looked      企业信用
  {node}/desk?authority={market}      what the regulator owes an answer                       信用办理台
  {node}/league                                   who publishes in time                                   公示及时率
"
    )
}
