//! Throughput against message size, as a picture.

use std::fmt::Write as _;

/// A curve: its name, and bytes with megabytes per second.
pub(crate) type Curve = (String, Vec<(usize, f64)>);

const WIDTH: f64 = 330.0;
const HEIGHT: f64 = 300.0;
/// A name has the same colour in every panel.
const COLOURS: [(&str, &str); 4] =
    [("ours", "#b3001b"), ("gmsm", "#1f6fb2"), ("OpenSSL 3", "#2d8a4e"), ("libgcrypt", "#8a5a00")];

/// Panels side by side, both axes logarithmic.
pub(crate) fn svg(panels: &[(&str, Vec<Curve>)]) -> String {
    let total = 20.0 + panels.len() as f64 * (WIDTH + 60.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {total} {}\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        HEIGHT + 80.0
    );
    for (at, (title, curves)) in panels.iter().enumerate() {
        panel(&mut out, 60.0 + at as f64 * (WIDTH + 60.0), title, curves);
    }
    out.push_str("</svg>\n");
    out
}

fn panel(out: &mut String, left: f64, title: &str, curves: &[Curve]) {
    const TOP: f64 = 30.0;
    let points = || curves.iter().flat_map(|(_, points)| points);
    let sizes = points().fold((f64::MAX, 1.0_f64), |(low, high), (size, _)| {
        (low.min(*size as f64), high.max(*size as f64))
    });
    let rates = points()
        .fold((f64::MAX, 1.0_f64), |(low, high), (_, rate)| (low.min(*rate), high.max(*rate)));
    let (low, high) = (10_f64.powf(rates.0.log10().floor()), 10_f64.powf(rates.1.log10().ceil()));
    let x = |size: f64| left + WIDTH * (size / sizes.0).ln() / (sizes.1 / sizes.0).ln();
    let y = |rate: f64| TOP + HEIGHT * (1.0 - (rate / low).ln() / (high / low).ln());
    let mut put = |text: String| writeln!(out, "{text}").expect("a string grows");
    put(format!(
        "<text x=\"{left}\" y=\"18\" font-size=\"14\">{title}, MB/s by message size</text>"
    ));
    let mut rate = low;
    while rate <= high * 1.01 {
        put(format!(
            "<line x1=\"{left}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>",
            left + WIDTH,
            y = y(rate)
        ));
        put(format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{rate:.0}</text>",
            left - 4.0,
            y(rate) + 4.0
        ));
        rate *= 10.0;
    }
    for (size, _) in curves.first().map(|(_, points)| points.as_slice()).unwrap_or_default() {
        let name = if *size < 1024 { format!("{size} B") } else { format!("{} K", size / 1024) };
        put(format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{name}</text>",
            x(*size as f64),
            TOP + HEIGHT + 16.0
        ));
    }
    for (at, (name, points)) in curves.iter().enumerate() {
        let colour = COLOURS.iter().find(|(of, _)| of == name).map_or("#333", |(_, colour)| colour);
        let line: Vec<_> = points
            .iter()
            .map(|(size, rate)| format!("{:.1},{:.1}", x(*size as f64), y(*rate)))
            .collect();
        put(format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            line.join(" ")
        ));
        put(format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>",
            left + 75.0 * at as f64,
            TOP + HEIGHT + 36.0
        ));
    }
}
