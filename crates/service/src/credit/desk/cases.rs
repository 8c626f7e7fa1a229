//! What a desk has of cases about items of batches: which are to be decided, and what its own batches have yet to carry out.

use std::slice;

use serde::Serialize;
use utoipa::ToSchema;
use yinxin_credit::{CreditItem, SourceMark, replay_source};
use yinxin_gm::Digest;
use yinxin_record::{
    PublishClass, SourceCaseState, SourceCaseStatus, SourceItemState, SourceRecord, state_key,
};

use super::{Clerk, Task};
use crate::{
    Problem,
    credit::{
        events::classes,
        item::{Claim, ClaimView},
        views::{ItemView, is_public},
    },
    data::life::Party,
};

/// A case that is to be decided, about which item of whose batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseTask {
    /// What is asked: `objection` or `repair`.
    ask: &'static str,
    source: Party,
    /// The item is as it was published and as the ledger marks it since.
    #[serde(flatten)]
    task: Task,
}

/// A decision that its source has to carry out in a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderTask {
    /// What is to be done: `correct`, `withdraw` or `repair`.
    ruling: &'static str,
    /// The case: `ordered`, or `neglected` once it was counted as not carried out in time.
    claim: ClaimView,
    /// None once the item has ended, as it has by a withdrawal or repair from the decision on.
    about: Option<OrderedItem>,
}

/// The item that an order is about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderedItem {
    subject: String,
    /// As it was published and as the ledger marks it since.
    item: ItemView,
}

impl Clerk<'_> {
    pub(super) async fn case(&mut self, id: Digest, record: &SourceRecord) -> Result<(), Problem> {
        use SourceCaseStatus::{Neglected, Open, Ordered};
        let key = state_key::credit_source_case(&id);
        let Some(found) = self.reading.state::<SourceCaseState>(key).await?.value else {
            return Ok(());
        };
        let key = state_key::credit_source_item(&found.item);
        let Some(state) = self.reading.state::<SourceItemState>(key).await?.value else {
            return Ok(());
        };
        let source = state.source == self.code;
        match found.status {
            Open if source || state.authority == self.code => {
                self.decide(id, record, &found, &state).await
            }
            Ordered | Neglected if source => self.carry_out(id, record, &found, &state).await,
            _ => Ok(()),
        }
    }

    async fn decide(
        &mut self,
        id: Digest,
        record: &SourceRecord,
        found: &SourceCaseState,
        state: &SourceItemState,
    ) -> Result<(), Problem> {
        let class = self.class_of(state).await?;
        let item = class.as_ref().and_then(|_| self.of_batch(record, state));
        let (Some(class), Some(item)) = (class, item) else {
            self.desk.not_shown += 1;
            return Ok(());
        };
        let claim = Claim::case(found, &class);
        let claim = claim.view((id, found.since), self.now, &mut self.parties).await?;
        let item = ItemView::of(&item, &class, self.now, &mut self.parties).await?;
        let task = Task { claim, subject: state.subject.to_string(), item };
        let source = self.parties.of(&state.source).await?;
        self.desk.cases.push(CaseTask { ask: found.ask.name(), source, task });
        Ok(())
    }

    async fn carry_out(
        &mut self,
        id: Digest,
        record: &SourceRecord,
        found: &SourceCaseState,
        state: &SourceItemState,
    ) -> Result<(), Problem> {
        let Some(class) = self.class_of(state).await? else {
            self.desk.not_shown += 1;
            return Ok(());
        };
        let (Some(claim), Some(ruling)) = (Claim::order(found, &class), found.ruling) else {
            return Ok(());
        };
        let claim = claim.view((id, found.since), self.now, &mut self.parties).await?;
        let about = match self.of_batch(record, state) {
            Some(item) => Some(OrderedItem {
                subject: state.subject.to_string(),
                item: ItemView::of(&item, &class, self.now, &mut self.parties).await?,
            }),
            None => None,
        };
        self.desk.orders.push(OrderTask { ruling: ruling.name(), claim, about });
        Ok(())
    }

    /// The class of an item of a batch, if whoever asks may be told of it: where everybody may ask, nobody is.
    async fn class_of(&mut self, state: &SourceItemState) -> Result<Option<PublishClass>, Problem> {
        classes(self.reading, vec![state.class.clone()], &mut self.known).await?;
        let class = self.known.get(&state.class).filter(|class| is_public(class) && !self.open);
        Ok(class.cloned())
    }

    /// An item of a batch as the ledger has it, while it is shown: whether it ended since, its source's batches say.
    fn of_batch(&self, record: &SourceRecord, state: &SourceItemState) -> Option<CreditItem> {
        let items = replay_source(&self.known, self.now, slice::from_ref(record)).items;
        let item = SourceMark::of_state(state).on(items.into_iter().next()?);
        item.is_shown(self.now).then_some(item)
    }
}
