//! Deliveries and calls under one grant: what one of them takes, the other does not have.

use yinxin_tests::{
    cluster::wait_for,
    data_town::{PATIENCE, Town, signer},
    place::Said,
};

use super::ALL;

/// The grant under which they raced; all of its thousand rows went, and not one more.
pub(super) fn deliveries_and_calls_share_one_grant(town: &Town) -> String {
    let place = town.place();
    let one = town.grant("307~3", ALL, 1000, "shared");
    let seal = |name: &str| {
        place.write(&format!("{name}.txt"), name);
        place.ok(&format!(
            "data seal {name}.txt --to n2/org.cer --out {name}.envelope {}",
            signer(1)
        ));
    };
    let deliver = |grant: &str, name: &str, rows: u64, how: &str| {
        format!(
            "data deliver {name}.envelope --to {grant}=n2/org.cer --rows {rows} {how} {} {}",
            signer(1),
            town.at()
        )
    };
    // Served, and on no ledger before its minute is over: the ledger would take the delivery, and then no window.
    town.fetch(&one, "six.csv", "--rows 600");
    seal("five");
    place.ends(&deliver(&one, "five", 500, ""), 2, &["--no-server"]);
    place.ends(&deliver(&one, "five", 500, "--work elsewhere"), 2, &["elsewhere"]);
    place.ends(&deliver(&one, "five", 500, "--work served"), 1, &["volume"]);
    place.ends(&deliver(&one, "five", 400, "--work served"), 0, &["delivered"]);
    // The same once more is no second delivery, and takes nothing.
    place.ends(&deliver(&one, "five", 400, "--work served"), 1, &[]);
    town.refused(2, &one, "--rows 1", "volume");

    let raced = town.grant("307~3", ALL, 1000, "raced");
    let names = ["a", "b", "c", "d"];
    names.iter().for_each(|name| seal(name));
    let spawn = |line: String| {
        let words: Vec<_> = line.split_whitespace().collect();
        let mut command = place.command(&words);
        let piped = std::process::Stdio::piped;
        (line, command.stdout(piped()).stderr(piped()).spawn().unwrap())
    };
    let mut running = Vec::new();
    for name in names {
        running.push(spawn(deliver(&raced, name, 200, "--work served")));
        let fetch = town.fetch_line(2, &raced, &format!("{name}.csv"), "--rows 200");
        running.push(spawn(fetch.replace("n2.journal", &format!("{name}.journal"))));
    }
    let mut went = 0;
    for (line, child) in running {
        let said = Said::new(&line, &child.wait_with_output().unwrap());
        match said.code {
            Some(0) => went += 200,
            Some(1 | 6) => said.must(said.code.unwrap(), &["volume"]),
            _ => said.must(0, &[]),
        }
    }
    assert!(went <= 1000, "{}", town.log());
    // Between a delivery's block and the server's having heard of it the delivery counts twice, never less than once.
    let rest = format!("--rows {}", 1000 - went);
    if went < 1000 {
        let line = town.fetch_line(2, &raced, "rest.csv", &rest);
        let done = wait_for(PATIENCE, || (place.run(&line).code == Some(0)).then_some(()));
        assert!(done.is_some(), "{}", town.log());
    }
    town.refused(2, &raced, "--rows 1", "volume");
    raced
}
