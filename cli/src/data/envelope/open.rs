//! `data open`.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;
use yinxin_gm::{Digest, sm3};
use yinxin_pki::Certificate;
use yinxin_record::{
    DataAct, Deliver, DeliveryState, DenialReason, GrantState, OrganisationCode, OrganisationState,
    OrganisationStatus, ResourceState, Suspension, Wire, key_id, state_key,
};
use yinxin_sharing::envelope::{Content, ContentSecret, Header, Progress, Reader};
use zeroize::Zeroizing;

use super::{
    SYNC_EVERY, body_of, header_of, mebibytes,
    message::{self, CipherArg},
    part,
};
use crate::{
    config::Config,
    data::{
        fresh::Fresh,
        reading,
        send::{beside, remove},
        words::failure,
    },
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::{self, Signer, SignerArgs},
    submit::{Client, LedgerArgs},
    trusting,
    ui::{self, Ui},
};

/// `yinxin data open`
#[derive(Debug, clap::Args)]
pub(crate) struct Open {
    /// The envelope's header, or a GB/T 35275 message
    #[arg(value_name = "ENVELOPE")]
    header: PathBuf,
    /// The envelope's body [default: beside the header, `.body`]
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// The certificate of whoever sealed it; a message names nobody
    #[arg(long, value_name = "CERT")]
    from: Option<PathBuf>,
    /// The cipher of a message, as agreed with whoever made it
    #[arg(long, value_enum, default_value = "gcm")]
    cipher: CipherArg,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    receiver: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Do not ask the ledger whether it was delivered and the grant still serves
    #[arg(long)]
    offline: bool,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    file: String,
    length: u64,
    content: Option<String>,
    grant: Option<String>,
    resumed_at: u64,
}

impl View {
    fn show(&self, ui: &Ui) -> Done {
        ui.result(self, |v| {
            let content = v.content.as_ref().map(|c| format!("  {c}\n")).unwrap_or_default();
            format!("{}: {} {}\n{content}", v.file, v.length, ui.pick("bytes", "字节"))
        })
    }
}

impl Open {
    /// Decrypts the envelope, once everything says that this may be.
    pub(in crate::data) fn run(self, ui: &Ui, config: &Config) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let bytes = files::read(&self.header)?;
        if message::is_message(&bytes) {
            return self.message(&bytes, ui);
        }
        let sealer = self.from.as_deref().ok_or_else(|| {
            Failure::new(Class::Usage, "who sealed it?", "由谁加密？")
                .todo("give the certificate: --from CERT", "请用 --from 指定其证书")
        })?;
        let from = keys::certificate(sealer)?;
        let receiver = self.receiver.load(ui)?;
        let header = header_of(&bytes, &self.header)?;
        let verified = header.verify(&from).map_err(|e| failure(&e)).at(self.header.display())?;
        // Whom it is not addressed to learns that first, and nothing of the ledger.
        let secret = verified.open(&receiver.certificate, &receiver.key);
        let secret = secret.map_err(|e| failure(&e)).at(self.header.display())?;
        let grant = self.permitted(&header, &from, &receiver, config, ui)?;
        let body = self.body.clone().unwrap_or_else(|| body_of(&self.header));
        let resumed_at = self.write(&body, verified.content(), &secret, ui)?;
        let view = View {
            schema: "yinxin.data-opened/1",
            file: self.out.display().to_string(),
            length: verified.content().length(),
            content: Some(verified.content().digest().to_string()),
            grant,
            resumed_at,
        };
        view.show(ui)
    }

    /// A message of the standard: nobody signed it, and no delivery of it can stand on the ledger.
    fn message(&self, bytes: &[u8], ui: &Ui) -> Done {
        if !self.offline || self.from.is_some() {
            return Err(Failure::new(
                Class::Usage,
                "a GB/T 35275 message names no owner and no delivery: there is nothing to ask the ledger for",
                "GB/T 35275 报文不载提供方和交付，无从向账本查询",
            )
            .todo(
                "open it with --offline and without --from, if whence it came is known otherwise",
                "若来源已另行确认，请使用 --offline 打开，且不带 --from",
            )
            .at(self.header.display()));
        }
        let receiver = self.receiver.load(ui)?;
        let content = message::open(bytes, &receiver, self.cipher)
            .map_err(|f| f.at(self.header.display()))?;
        files::write(&self.out, &content, Access::Owner, Existing::forced(self.force))?;
        ui.say(
            "nobody signed this message: who made it is not known by it",
            "该报文未经签名，无从得知由谁制作",
        );
        let view = View {
            schema: "yinxin.data-opened/1",
            file: self.out.display().to_string(),
            length: content.len() as u64,
            content: None,
            grant: None,
            resumed_at: 0,
        };
        view.show(ui)
    }

    /// The grant under which it is opened; none for the owner itself, or when the ledger is not asked.
    fn permitted(
        &self,
        header: &Header,
        from: &Certificate,
        receiver: &Signer,
        config: &Config,
        ui: &Ui,
    ) -> Done<Option<String>> {
        if self.offline {
            if let Some(folder) = config.trust_folder(self.ledger.trust.as_deref()) {
                trusting::must_chain(&trusting::load(&folder)?, from, ui::now())?;
            }
            ui.say(
                "the ledger was not asked whether this was delivered and may still be used",
                "未向账本查询该信封是否已交付、授权是否仍有效",
            );
            return Ok(None);
        }
        let client = self.ledger.open(config)?;
        trusting::must_chain(&client.trust, from, ui::now())?;
        if sm3::digest(receiver.certificate.raw()) == header.owner() {
            return Ok(None);
        }
        served(&client, header, from, receiver).map(Some)
    }

    fn write(&self, body: &Path, content: Content, secret: &ContentSecret, ui: &Ui) -> Done<u64> {
        let (out, note) = (beside(&self.out, "part"), beside(&self.out, "opening"));
        let progress = earlier(&out, &note, content, secret)?;
        let (start, at) = progress.as_ref().map_or((0, 0), |p| (p.length(), p.body_length()));
        let mut input = File::open(body).map_err(|e| Failure::io(body, &e))?;
        input.seek(SeekFrom::Start(at)).map_err(|e| Failure::io(body, &e))?;
        let mut reader = match &progress {
            None => Reader::new(input, content, secret),
            Some(progress) => Reader::resume(input, content, secret, progress),
        }
        .map_err(|e| failure(&e))?;
        let mut file = part(&out, start)?;
        let io = |e: std::io::Error| Failure::io(&out, &e);
        let bar = ui.progress(mebibytes(content.length()), "opening (MiB)", "正在解密（MiB）");
        let mut buffer = Zeroizing::new(vec![0; 1 << 20]);
        let (mut written, mut noted) = (start, start);
        loop {
            let wrong = |e: std::io::Error| failure(&yinxin_sharing::Error::io(&e));
            let count = reader.read(&mut buffer).map_err(wrong).at(body.display())?;
            if count == 0 {
                break;
            }
            file.write_all(&buffer[..count]).map_err(io)?;
            written += count as u64;
            bar.set_position(mebibytes(written));
            let progress = reader.progress();
            // Only between two chunks, of which one is still to come, can another reader go on.
            let between = written == progress.length() && progress.chunks() < content.chunks();
            if between && written >= noted + SYNC_EVERY {
                noted = written;
                file.sync_data().map_err(io)?;
                files::write(&note, &progress.to_der(), Access::Owner, Existing::Replace)?;
            }
        }
        file.sync_all().map_err(io)?;
        bar.finish_and_clear();
        let name = |e: std::io::Error| Failure::io(&self.out, &e);
        if self.force {
            fs::rename(&out, &self.out).map_err(name)?;
        } else {
            fs::hard_link(&out, &self.out).map_err(name)?;
            remove(&out)?;
        }
        if note.exists() {
            remove(&note)?;
        }
        Ok(start)
    }
}

/// How far an earlier run came with this content.
fn earlier(
    out: &Path,
    note: &Path,
    content: Content,
    secret: &ContentSecret,
) -> Done<Option<Progress>> {
    if !(note.exists() && out.exists()) {
        return Ok(None);
    }
    let progress = Progress::from_der(&files::read(note)?).map_err(|e| failure(&e.into()));
    let progress = progress.at(note.display())?;
    // A note of another content is passed over: what lies there is written anew.
    let fits = Reader::resume(std::io::empty(), content, secret, &progress).is_ok();
    Ok(Some(progress).filter(|_| fits))
}

/// The record of a delivery that the ledger's state proves.
pub(in crate::data) fn delivered(
    client: &Client,
    envelope: &Digest,
    server: &OrganisationCode,
) -> Done<Deliver> {
    for told in reading::records(client, &yinxin_ledger::index_key::digest(envelope))? {
        match told.act {
            DataAct::Deliver(act) if act.envelope == *envelope && told.by == *server => {
                return Ok(act);
            }
            _ => {}
        }
    }
    Err(Failure::new(
        Class::Node,
        format!("the node proves a delivery of {envelope} and does not have its record"),
        format!("节点可证明 {envelope} 已交付，却没有其记录"),
    )
    .todo("ask another node", "请改用其他节点"))
}

/// The ledger's word: it was delivered, no newer header replaced it, and the receiver's grant permits it now. All by fresh heads.
fn served(client: &Client, header: &Header, from: &Certificate, receiver: &Signer) -> Done<String> {
    let ledger = Fresh::new(client);
    let no = |en: String, zh: String| Err(Failure::new(Class::Key, en, zh));
    let server = from.organisation_code().unwrap_or_default();
    let server = OrganisationCode::new(server).class(Class::Usage)?;
    let envelope = header.digest();
    let key = state_key::delivery(&server, &envelope);
    let Some(delivery) = ledger.state::<DeliveryState>(&key)? else {
        return no(
            format!("the ledger has no delivery of this envelope: {envelope}"),
            format!("账本中没有该信封的交付记录：{envelope}"),
        );
    };
    if let Some(newer) = delivery.replaced_by {
        return no(
            format!("this envelope was replaced by {newer}"),
            format!("该信封已被 {newer} 取代"),
        );
    }
    if delivery.content != header.claimed().digest() {
        return no(
            "the ledger names another content for this envelope".to_owned(),
            "账本所载内容与该信封不符".to_owned(),
        );
    }
    let own = key_id(receiver.key.public_key());
    let Some(recipient) = delivery.recipients.iter().find(|r| r.key == own) else {
        return no(
            "this key is not among the recipients that the ledger names".to_owned(),
            "账本所载接收方中没有该密钥".to_owned(),
        );
    };
    let grant: GrantState = ledger.known(&state_key::grant(&recipient.grant))?;
    let resource: ResourceState = ledger.known(&state_key::resource(&grant.resource))?;
    let (end, reason) = grant.ends(&resource);
    if ledger.now()? >= end {
        return no(
            format!("the grant {} ended at {end}: {}", recipient.grant, reason.name()),
            format!("授权 {} 已于 {end} 终止：{}", recipient.grant, reason.name()),
        );
    }
    let act = delivered(client, &envelope, &server)?;
    let suspension = state_key::suspension(&recipient.organisation);
    let suspension: Option<Suspension> = ledger.state(&suspension)?;
    let member = state_key::organisation(&recipient.organisation);
    let member: OrganisationState = ledger.known(&member)?;
    let now = ledger.now()?;
    let suspended = member.status != OrganisationStatus::Active
        || suspension.and_then(|s| s.until).is_some_and(|until| until > now);
    let permitted = grant.permits(&resource, &act.fields, &act.purpose, now);
    let denied = if suspended { Some(DenialReason::Suspended) } else { permitted.err() };
    if let Some(reason) = denied {
        return no(
            format!("the grant {} does not permit this now: {}", recipient.grant, reason.name()),
            format!("授权 {} 现不允许打开：{}", recipient.grant, reason.name()),
        );
    }
    Ok(recipient.grant.to_string())
}
