//! The README of the folder that this tour leaves.

/// Commands to try, in both languages.
pub(super) fn text(http: &[String]) -> String {
    let node = &http[0];
    format!(
        "\
yinxin quickstart --scenario sharing
====================================

market/ tax/ insurance/  three departments: catalogue, rules, tables, what they sealed   三个部门：目录、规则、数据、信封
bank/                    what the bank got, and what it made of it                       银行收到的数据及其授信结果
auditor/trace.svg        where the result came from and where it went: open it           授信结果溯源图
auditor/case/            evidence: receipts, certificates, status proofs, report.html    证据包，可打开 report.html
trust/                   all that a verifier needs                                       验证所需的全部
receipts/                the receipts of what was done; ids/ the numbers of the grants   各步骤的回执；ids/ 为授权编号
nodes/1..5               one directory per member: keys, certificate, node               各成员目录：密钥、证书、节点

Try (run inside this folder; nothing below but the last part needs a running node):

  yinxin verify --trust trust auditor/case
  yinxin trace bank/result.csv --evidence auditor/case --trust trust --verify
  yinxin trace bank/result.csv --evidence auditor/case --trust trust --graph mermaid
  yinxin data verify-view bank/insurance.view --from nodes/3/organisation.cer --trust trust --k 2
  yinxin data verify-view market/result.view --from nodes/4/organisation.cer --trust trust
  yinxin data search market/catalogue.csv 登记
  yinxin verify --brief --trust trust receipts/result.receipt
  yinxin verify auditor/case                                      # without trust: INDETERMINATE, exit code 3

With the nodes (start them again, each in its own terminal or with &):

  yinxin node run nodes/1     yinxin node run nodes/2     …     yinxin node run nodes/5
  yinxin data status $(cat ids/tax) --node {node} --trust trust            # revoked
  yinxin trace $(cat ids/insurance) --node {node} --trust trust --verify   # all about one grant
"
    )
}
