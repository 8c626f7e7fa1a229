//! A real store with twenty thousand acts: each planted story is found whole and nothing else, as of now and before it was told.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;

use yinxin_sharing::provenance::{AsOf, Direction, Filter, Graph, Item, Limits, Start, trace};
use yinxin_store::{MemoryDisk, RocksDisk};
use yinxin_tests::acts::{Local, Plan, fill, found_whole, lineage};

#[test]
fn planted_stories_are_found_whole_among_twenty_thousand_acts() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(RocksDisk::open(folder.path()).unwrap());
    let filled = fill(disk, Plan::new(20_000, Some(4)), |_| {});
    assert!(filled.acts >= 20_000 && filled.stories.len() >= 15, "{}", filled.stories.len());
    let source = Local::new(filled.store.view());
    for story in &filled.stories {
        let graph = found_whole(&source, story);
        assert!(graph.edges.len() >= 1_000, "{}", graph.edges.len());
    }
    let busiest = filled.stories.iter().flat_map(|s| s.windows.values()).max().unwrap();
    assert!(*busiest > 50, "{busiest}");
    // Before its last block a story has no end.
    let story = filled.stories.last().unwrap();
    let start = Start::Item(Item::content(story.end));
    let graph = found_whole(&source, story);
    let told = graph.activities.iter().rfind(|a| a.kind == "derive").unwrap().height;
    for (height, acts) in [(told - 1, 0), (told, story.records.len())] {
        let as_of = AsOf { height, time: None };
        let (limits, filter) = (Limits::default(), Filter::default());
        let walked = trace(&source, &start, Direction::Backward, as_of, limits, &filter).unwrap();
        assert_eq!(lineage(&walked.0).len(), acts, "as of {height}");
    }
}

/// What the bench leaves out, the state tree, changes nothing of what a walk finds.
#[test]
fn with_the_state_on_disk_the_same_is_found() {
    let [all, few, without] = [Some(u64::MAX), Some(4), None].map(|window| {
        let filled = fill(Arc::new(MemoryDisk::default()), Plan::new(2_000, window), |_| {});
        let source = Local::new(filled.store.view());
        let graphs: Vec<_> = filled.stories.iter().map(|s| found_whole(&source, s)).collect();
        assert!(!graphs.is_empty());
        graphs
    });
    assert_eq!(all, few);
    let leads = |graphs: &[Graph]| graphs.iter().map(lineage).collect::<Vec<_>>();
    assert_eq!(leads(&all), leads(&without));
}
