//! `yinxin-gm-openssl4 TARGET FOLDER`: builds OpenSSL 4 for the target triple and says where it lies.

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, folder] = arguments.as_slice() else {
        eprintln!("usage: yinxin-gm-openssl4 TARGET FOLDER");
        std::process::exit(2);
    };
    let built = openssl_src::Build::new().target(target).host(target).out_dir(folder).build();
    println!("{}", built.include_dir().parent().unwrap_or(built.include_dir()).display());
}
