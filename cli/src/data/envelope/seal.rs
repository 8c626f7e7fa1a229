//! `data seal`.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use yinxin_gm::{Digest, sm3};
use yinxin_pki::Certificate;
use yinxin_record::Wire;
use yinxin_sharing::envelope::{
    ChunkSize, Content, ContentSecret, Header, Owner, Progress, Writer,
};
use zeroize::Zeroizing;

use super::{
    SYNC_EVERY, body_of, mebibytes,
    message::{self, CipherArg, Form},
    part,
};
use crate::{
    data::{
        send::{beside, remove},
        words::failure,
    },
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    keys::{self, Signer, SignerArgs},
    rng,
    ui::Ui,
};

/// `yinxin data seal`
#[derive(Debug, clap::Args)]
pub(crate) struct Seal {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A recipient's certificate; the signer can always open it too
    #[arg(long = "to", value_name = "CERT", required = true)]
    to: Vec<PathBuf>,
    /// The envelope's header; its body is written beside it, `.body`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How: a message of the standard is one file
    #[arg(long, value_enum, default_value = "streamed")]
    form: Form,
    /// The cipher of a message, as agreed with whoever reads it [default: gcm]
    #[arg(long, value_enum)]
    cipher: Option<CipherArg>,
    #[command(flatten)]
    signer: SignerArgs,
    /// Replace the envelope if it exists
    #[arg(long)]
    force: bool,
}

/// What is noted of an envelope that is not finished. The secret is under the signer's own key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unfinished {
    schema: String,
    /// Length and time of the file: another file does not go on where this one stopped.
    length: u64,
    modified_ms: u128,
    content: String,
    secret: String,
    progress: Option<String>,
}

const SCHEMA: &str = "yinxin.data-sealing/1";

#[derive(Serialize)]
struct View {
    schema: &'static str,
    header: String,
    /// None of a message, which is one file.
    body: Option<String>,
    envelope: String,
    content: Option<String>,
    length: u64,
    recipients: usize,
    resumed_at: u64,
}

impl Seal {
    /// Writes body, then header.
    pub(in crate::data) fn run(self, ui: &Ui) -> Done {
        let body = body_of(&self.out);
        files::must_be_free(&self.out, self.force)?;
        if self.form == Form::Streamed {
            files::must_be_free(&body, self.force)?;
        }
        let signer = self.signer.load(ui)?;
        let mut to = self.to.iter().map(|p| keys::certificate(p)).collect::<Done<Vec<_>>>()?;
        to.push(signer.certificate.clone());
        match (self.form, self.cipher) {
            (Form::Message, cipher) => {
                return self.message(&to, cipher.unwrap_or(CipherArg::Gcm), ui);
            }
            (Form::Streamed, None) => {}
            (Form::Streamed, Some(_)) => {
                return Err(Failure::new(
                    Class::Usage,
                    "--cipher is for --form 35275; the streamed form is always SM4-GCM",
                    "--cipher 仅用于 --form 35275；流式信封一律使用 SM4-GCM",
                ));
            }
        }
        let place = Place { body: beside(&body, "part"), note: beside(&self.out, "sealing") };
        let (content, secret, resumed_at) = place.write_body(&self.file, &signer, ui)?;
        let header = sign(content, &secret, &to, &signer)?;
        fs::rename(&place.body, &body).map_err(|e| Failure::io(&body, &e))?;
        files::write(&self.out, &header.to_der(), Access::Public, Existing::forced(self.force))?;
        remove(&place.note)?;
        let view = View {
            schema: "yinxin.data-envelope/1",
            header: self.out.display().to_string(),
            body: Some(body.display().to_string()),
            envelope: header.digest().to_string(),
            content: Some(content.digest().to_string()),
            length: content.length(),
            recipients: to.len(),
            resumed_at,
        };
        view.show(ui)
    }

    /// One file, of the standard's own form.
    fn message(&self, to: &[Certificate], cipher: CipherArg, ui: &Ui) -> Done {
        let message = message::seal(&self.file, to, cipher)?;
        files::write(&self.out, &message, Access::Public, Existing::forced(self.force))?;
        let length = fs::metadata(&self.file).map_err(|e| Failure::io(&self.file, &e))?.len();
        let view = View {
            schema: "yinxin.data-envelope/1",
            header: self.out.display().to_string(),
            body: None,
            envelope: sm3::digest(&message).to_string(),
            content: None,
            length,
            recipients: to.len(),
            resumed_at: 0,
        };
        view.show(ui)
    }
}

impl View {
    fn show(&self, ui: &Ui) -> Done {
        ui.result(self, |v| {
            let body = v.body.as_ref().map(|body| format!(", {body}")).unwrap_or_default();
            let mut text = format!("{}{body}\n", v.header);
            text.push_str(&format!("  {} {}\n", ui.pick("envelope", "信封"), v.envelope));
            if let Some(content) = &v.content {
                text.push_str(&format!("  {} {content}\n", ui.pick("content", "内容")));
            }
            text
        })
    }
}

fn sign(
    content: Content,
    secret: &ContentSecret,
    to: &[Certificate],
    signer: &Signer,
) -> Done<Header> {
    let owner = Owner { certificate: &signer.certificate, key: &signer.key };
    Header::new(content, secret, to, owner, &mut rng::os()).map_err(|e| failure(&e))
}

/// Where the unfinished parts lie.
struct Place {
    body: PathBuf,
    note: PathBuf,
}

impl Place {
    fn write_body(
        &self,
        source: &Path,
        signer: &Signer,
        ui: &Ui,
    ) -> Done<(Content, ContentSecret, u64)> {
        let io = |e: std::io::Error| Failure::io(source, &e);
        let mut input = File::open(source).map_err(io)?;
        let about = input.metadata().map_err(io)?;
        if !about.is_file() {
            let what = source.display();
            return Err(Failure::new(
                Class::Usage,
                format!("{what} is no plain file"),
                format!("{what} 不是普通文件"),
            ));
        }
        let modified = about.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
        let modified_ms = modified.map_or(0, |t| t.as_millis());
        let (mut note, secret, progress) = self.begin(about.len(), modified_ms, signer)?;
        let start = progress.as_ref().map_or(0, Progress::length);
        let file = part(&self.body, progress.as_ref().map_or(0, Progress::body_length))?;
        input.seek(SeekFrom::Start(start)).map_err(io)?;
        let mut writer = match &progress {
            None => Writer::new(&file, &secret, ChunkSize::default(), &mut rng::os()),
            Some(progress) => {
                Writer::resume(&file, &secret, progress, &mut rng::os()).map_err(|e| failure(&e))?
            }
        };
        let bar = ui.progress(mebibytes(about.len()), "sealing (MiB)", "正在加密（MiB）");
        let mut buffer = Zeroizing::new(vec![0; 1 << 20]);
        let (mut read, mut noted) = (start, start);
        loop {
            let count = input.read(&mut buffer).map_err(io)?;
            if count == 0 {
                break;
            }
            let wrong = |e: std::io::Error| failure(&yinxin_sharing::Error::io(&e));
            writer.write_all(&buffer[..count]).map_err(wrong).at(self.body.display())?;
            read += count as u64;
            bar.set_position(mebibytes(read));
            if writer.progress().length() >= noted + SYNC_EVERY {
                noted = writer.progress().length();
                file.sync_data().map_err(|e| Failure::io(&self.body, &e))?;
                note.progress = Some(STANDARD.encode(writer.progress().to_der()));
                note.write(&self.note)?;
            }
        }
        let (_, content) = writer.finish().map_err(|e| failure(&e)).at(self.body.display())?;
        file.sync_all().map_err(|e| Failure::io(&self.body, &e))?;
        bar.finish_and_clear();
        Ok((content, secret, start))
    }

    /// What an earlier run noted of this very file, or a fresh secret, noted before anything is encrypted with it.
    fn begin(
        &self,
        length: u64,
        modified_ms: u128,
        signer: &Signer,
    ) -> Done<(Unfinished, ContentSecret, Option<Progress>)> {
        if self.note.exists() && self.body.exists() {
            let found = Unfinished::read(&self.note)?;
            if (found.length, found.modified_ms) == (length, modified_ms) {
                let (secret, progress) = found.open(signer).at(self.note.display())?;
                return Ok((found, secret, progress));
            }
        }
        let secret = ContentSecret::generate(&mut rng::os());
        let wrapped = secret.wrap(signer.key.public_key(), &mut rng::os());
        let note = Unfinished {
            schema: SCHEMA.to_owned(),
            length,
            modified_ms,
            content: secret.id().to_string(),
            secret: STANDARD.encode(wrapped.map_err(|e| failure(&e))?),
            progress: None,
        };
        note.write(&self.note)?;
        Ok((note, secret, None))
    }
}

impl Unfinished {
    fn read(path: &Path) -> Done<Self> {
        let bytes = files::read(path)?;
        serde_json::from_slice(&bytes).map_err(|_| bad()).at(path.display())
    }

    fn write(&self, path: &Path) -> Done {
        let bytes =
            serde_json::to_vec_pretty(self).map_err(|e| Failure::bug(format!("JSON: {e}")))?;
        files::write(path, &bytes, Access::Owner, Existing::Replace)
    }

    fn open(&self, signer: &Signer) -> Done<(ContentSecret, Option<Progress>)> {
        let id: Digest = self.content.parse().map_err(|_| bad())?;
        let wrapped = STANDARD.decode(&self.secret).map_err(|_| bad())?;
        let secret = ContentSecret::unwrap(&wrapped, &signer.key, &id).map_err(|e| failure(&e))?;
        let progress = self.progress.as_ref().map(|text| {
            let bytes = STANDARD.decode(text).map_err(|_| bad())?;
            Progress::from_der(&bytes).map_err(|_| bad())
        });
        Ok((secret, progress.transpose()?))
    }
}

fn bad() -> Failure {
    Failure::new(Class::Malformed, "no note of an unfinished envelope", "不是未完成信封的记录")
        .todo("remove it and begin anew", "请删除该文件后重新开始")
}
