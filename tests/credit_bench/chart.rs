//! The curve of a source's growth, as SVG.

use std::fmt::{self, Write};

/// What was measured when the source had so many records.
pub(crate) struct Point {
    pub(crate) records: u64,
    /// Of the importing processes, anchoring included, making rows not.
    pub(crate) seconds: f64,
    pub(crate) bytes: u64,
    /// Milliseconds, rising.
    pub(crate) latencies: Vec<f64>,
}

impl Point {
    fn latency(&self, part: f64) -> f64 {
        let last = self.latencies.len() - 1;
        self.latencies[(part * last as f64).round() as usize]
    }

    fn bytes_a_record(&self) -> f64 {
        self.bytes as f64 / self.records as f64
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (p50, p99, most) = (self.latency(0.5), self.latency(0.99), self.latency(1.0));
        let (records, seconds, bytes) = (self.records, self.seconds, self.bytes);
        let each = self.bytes_a_record();
        write!(f, "{records},{seconds:.1},{bytes},{each:.0},{p50:.3},{p99:.3},{most:.3}")
    }
}

/// What a panel shows of a point.
type Value<'a> = &'a dyn Fn(&Point) -> f64;

const WIDTH: f64 = 250.0;
const HEIGHT: f64 = 160.0;

/// Three panels over millions of records: minutes, bytes a record, look-up at the 99th percentile.
pub(crate) fn draw(points: &[Point]) -> String {
    let panels: [(&str, &str, f64, Value<'_>); 3] = [
        ("minutes to anchored and queryable", "40", 40.0, &|p| p.seconds / 60.0),
        ("bytes a record on disk", "1024", 1024.0, &Point::bytes_a_record),
        ("look-up, 99th percentile, ms", "5", 5.0, &|p| p.latency(0.99)),
    ];
    let most = points.last().map_or(1.0, |p| p.records as f64);
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 940 250\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"940\" height=\"250\" fill=\"#fff\"/>\n",
    );
    for (i, (title, aim, limit, value)) in panels.into_iter().enumerate() {
        let top = points.iter().map(value).fold(limit, f64::max) * 1.05;
        let (left, bottom) = (50.0 + 305.0 * i as f64, 210.0);
        let x = |records: f64| left + WIDTH * records / most;
        let y = |value: f64| bottom - HEIGHT * value / top;
        writeln!(out, "<text x=\"{left}\" y=\"30\" font-weight=\"bold\">{title}</text>").unwrap();
        writeln!(
            out,
            "<path d=\"M{left} {:.1}V{bottom}H{:.1}\" fill=\"none\" stroke=\"#888\"/>",
            y(top),
            x(most)
        )
        .unwrap();
        writeln!(out, "<path d=\"M{left} {0:.1}H{1:.1}\" stroke=\"#c33\" stroke-dasharray=\"4 4\"/><text x=\"{2:.1}\" y=\"{3:.1}\" text-anchor=\"end\" fill=\"#c33\">{aim}</text>", y(limit), x(most), left - 5.0, y(limit) + 4.0).unwrap();
        let path: Vec<String> = points
            .iter()
            .map(|p| format!("{:.1} {:.1}", x(p.records as f64), y(value(p))))
            .collect();
        writeln!(
            out,
            "<path d=\"M{}\" fill=\"none\" stroke=\"#246\" stroke-width=\"2\"/>",
            path.join("L")
        )
        .unwrap();
        if let Some(last) = points.last() {
            let at = value(last);
            let digits = if at < 10.0 { 1 } else { 0 };
            writeln!(out, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#246\">{at:.digits$}</text>", x(most), y(at) - 8.0).unwrap();
        }
        writeln!(out, "<text x=\"{left}\" y=\"226\">0</text><text x=\"{:.1}\" y=\"226\" text-anchor=\"end\">{:.1} million records</text>", x(most), most / 1e6).unwrap();
    }
    out.push_str("</svg>\n");
    out
}
