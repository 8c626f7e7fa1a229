//! The README of the folder that quickstart leaves.

use super::sample;

/// Commands to try, in both languages.
pub(super) fn text(http: &[String]) -> String {
    let one = sample::FIRST;
    let node = &http[0];
    format!(
        "\
yinxin quickstart
=================

trust/      all that a verifier needs: the CA's certificate and revocation list, the ledger's genesis
            验证所需的全部：CA 证书、吊销列表、账本创世文件
licences/   sealed e-licences with their receipts inside           已用章并附回执的电子证照
receipts/   the same receipts as files; one status proof           回执文件及一份状态证明
nodes/1..4  one directory per department: keys, certificate, node  各部门目录：密钥、证书、节点
ca/ seal/   the CA's directory; the department's e-seal            CA 目录；部门电子印章

Try (run inside this folder; nothing below but the last part needs a running node):

  yinxin verify --trust trust licences/*.ofd
  yinxin verify --trust trust --json licences/{one}.ofd
  yinxin verify licences/{one}.ofd                                # without trust: INDETERMINATE, exit code 3
  yinxin verify --trust trust --status receipts/{one}.status licences/{one}.ofd   # revoked: INVALID, exit code 1
  yinxin verify --trust trust receipts/{one}.receipt              # still proves that it was issued
  yinxin seal show seal/department.esl --trust trust
  yinxin ofd show --trust trust licences/{one}.ofd
  yinxin trust show trust

With the nodes (start them again, each in its own terminal or with &):

  yinxin node run nodes/1     yinxin node run nodes/2     yinxin node run nodes/3     yinxin node run nodes/4
  yinxin node status --node {node}
  yinxin licence status licences/{one}.ofd --node {node} --trust trust
  yinxin ledger put README --key nodes/1/organisation.key --cert nodes/1/organisation.cer \\
      --password-file nodes/1/password --node {node} --trust trust --out receipts/readme.receipt
"
    )
}
