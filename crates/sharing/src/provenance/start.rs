//! What people name the start of a walk by.

use yinxin_record::{LicenceIdentifier, Node, OrganisationCode, ResourceCode, ResourceVersion};

use super::{graph::Item, walk::Start};

impl Start {
    /// Reads what a start is called by where its form alone tells what it is: a node of the graph (`d:`, `g:`, `l:`, `r:`), a
    /// subject `s:`, a request `q:`, a record `x:` or `a:`, an organisation's code, a resource's code with or without `@version`, a
    /// licence's identifier. `None` for anything else: a bare number may be a record's id, a pseudonym or a digest.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((kind, rest)) = text.split_once(':') {
            match kind {
                "s" => return rest.parse().ok().map(Self::Subject),
                "q" | "g" => return rest.parse().ok().map(Self::Request),
                "x" if !rest.contains(':') => return rest.parse().ok().map(Self::Record),
                "a" => return rest.parse().ok().map(Self::Record),
                _ => {}
            }
            if let Some(node) = Node::parse(text) {
                return Some(Self::Item(Item::Thing(node)));
            }
        }
        if let Ok(code) = OrganisationCode::new(text) {
            return Some(Self::Organisation(code));
        }
        if let Ok(code) = ResourceCode::new(text) {
            return Some(Self::Resource(code));
        }
        if let Some((code, version)) = text.rsplit_once('@')
            && let (Ok(resource), Ok(version)) = (ResourceCode::new(code), version.parse())
        {
            let node = Node::Resource(ResourceVersion { resource, version });
            return Some(Self::Item(Item::Thing(node)));
        }
        let licence = LicenceIdentifier::new(text).ok()?;
        Some(Self::Item(Item::Thing(Node::Licence(licence))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yinxin_gm::Digest;

    #[test]
    fn a_form_tells_what_is_meant() {
        let number = Digest([0xab; 32]);
        let licence = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.2023.001.U";
        for (text, tells) in [
            (format!("q:{number}"), Some(Start::Request(number))),
            (format!("g:{number}"), Some(Start::Request(number))),
            (format!("s:{number}"), Some(Start::Subject(number))),
            (format!("x:{number}"), Some(Start::Record(number))),
            (format!("d:{number}"), Some(Start::Item(Item::content(number)))),
            (format!("l:{licence}"), Start::parse(licence)),
            ("11430000006122244L.307~1@2".to_owned(), Start::parse("r:11430000006122244L.307~1@2")),
            (number.to_string(), None),
            ("11430000006122244L.307/1".to_owned(), None),
            ("rows.csv".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(Start::parse(&text), tells, "{text}");
        }
        assert!(matches!(Start::parse("11430000006122244L"), Some(Start::Organisation(_))));
        assert!(matches!(Start::parse("11430000006122244L.307~1"), Some(Start::Resource(_))));
        assert!(Start::parse(licence).is_some());
    }
}
