//! Tells the linker where libtorch is, so that the finished binary finds it without LD_LIBRARY_PATH.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Embedded by a macro that cannot tell cargo of files added later.
    println!("cargo:rerun-if-changed=prompts");
    let folder = std::env::var("DEP_TCH_LIBTORCH_LIB").unwrap_or_default();
    println!(
        "cargo:rustc-env=KHULOSA_LIBTORCH_VERSION={}",
        version(std::path::Path::new(&folder))
    );
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let beside = if system == "macos" {
        "@executable_path/lib"
    } else {
        "$ORIGIN/lib"
    };
    // The folder beside the binary comes first: that is where a distributed tarball keeps its libraries.
    println!("cargo:rustc-link-arg=-Wl,-rpath,{beside}");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    if system == "linux" {
        // DT_RPATH, not DT_RUNPATH: libtorch_cpu.so looks for its own neighbours through it.
        println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags");
        if std::path::Path::new(&folder).join("libtorch_cuda.so").exists() {
            // Nothing names a symbol of libtorch_cuda; it registers itself when loaded, so it must not be dropped.
            println!("cargo:rustc-link-arg=-Wl,--no-as-needed");
            println!("cargo:rustc-link-arg=-L{folder}");
            println!("cargo:rustc-link-arg=-ltorch_cuda");
            println!("cargo:rustc-link-arg=-Wl,--as-needed");
        }
    }
}

/// The version that libtorch's own header declares, for `khulosa doctor`.
fn version(library: &std::path::Path) -> String {
    let header = library.join("../include/torch/csrc/api/include/torch/version.h");
    let text = std::fs::read_to_string(header).unwrap_or_default();
    let number = |name: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with("#define") && line.contains(name))?;
        line.split_whitespace().nth(2).map(str::to_owned)
    };
    let parts = ["TORCH_VERSION_MAJOR", "TORCH_VERSION_MINOR", "TORCH_VERSION_PATCH"].map(number);
    parts
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .map_or_else(|| "unknown".to_owned(), |parts| parts.join("."))
}
