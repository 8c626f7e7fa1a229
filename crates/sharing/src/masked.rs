//! Masked sharing (脱敏): a third party checks what it is shown against the owner's signature, and learns nothing else.
//!
//! When an owner publishes a data set it commits to every field of every row, and to every masked form that it will ever show of
//! it. A *view* opens some of these commitments and hides the rest behind their digests.
//!
//! ```text
//! salt    = HMAC-SM3(seed, "yinxin/masked-salt/1" ‖ data set (32) ‖ row (8) ‖ leaf (4))
//! leaf    = SM3(00 ‖ DER { "yinxin/masked-field/1", salt, field, kind, form, text })
//! row     = SM3(00 ‖ DER { "yinxin/masked-row/1", root over the row's leaves })
//! signed  = DER { "yinxin/masked-data-set/1", data set, SM3 of the schema, rows, root over the rows, owner, time }
//! ```
//!
//! What a view proves: *the owner signed, when it published, that this row of this data set has this text for this field in this
//! form.* That a masked text comes from the value by its rule is the owner's word, which it cannot take back: whoever is later
//! shown value and masked text together recomputes the rule, and [`View::verify`] does.
//!
//! ```
//! use yinxin_sharing::masked::{Choice, DataSet, Field, Form, Schema, Seed};
//! # use yinxin_gm::{Digest, sm2::PrivateKey};
//! # use yinxin_pki::{Subject, ca::{Period, self_signed}};
//! # use yinxin_sharing::envelope::Owner;
//! # use yinxin_verdict::UnixTime;
//! # let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
//! # let key = PrivateKey::generate(rng);
//! # let period = Period::days(UnixTime::EPOCH, 1);
//! # let certificate = self_signed(Subject::new("局").to_name()?, &key, period, None, rng)?;
//! # let owner = Owner { certificate: &certificate, key: &key };
//! let schema = Schema::new(vec![
//!     Field::new("姓名", "text")?.form("keep/1/0".parse()?),
//!     Field::new("年龄", "integer")?.form("range/10".parse()?).quasi_identifier(),
//! ])?;
//! let rows = [["张三", "34"], ["李四", "31"]];
//! let mut set = DataSet::new(schema, Digest::ZERO, Seed::generate(rng));
//! for row in &rows {
//!     set.push(row, None)?;
//! }
//! let set = set.publish(owner, UnixTime::EPOCH, rng)?;
//!
//! let choice = Choice::new(&[("姓名", "keep/1/0"), ("年龄", "range/10")], 2)?;
//! let view = set.view(&[(0, &rows[0][..]), (1, &rows[1][..])], &choice, None)?;
//! let shown = view.verify(&certificate)?;
//! assert_eq!(shown.rows()[0].texts(), ["张*", "30..39"]);
//! assert_eq!(shown.k(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod anonymity;
mod custodian;
mod data_set;
mod form;
mod schema;
mod seed;
mod statement;
mod tokens;
mod view;

#[cfg(test)]
mod search;

pub use anonymity::{Classes, suppress};
pub use custodian::Custodian;
pub use data_set::{Choice, DataSet, Published};
pub use form::Form;
pub use schema::{Field, Schema};
pub use seed::Seed;
pub use statement::Statement;
pub use tokens::{TokenAnswer, TokenAsk, TokenBook, Tokens};
pub use view::{ShownRow, VerifiedView, View};
