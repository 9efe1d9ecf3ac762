//! Prepares the link of GPU support; without the feature `cuda` there is nothing to do.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "cuda")]
    if let Err(reason) = cuda::prepare() {
        eprintln!("{reason}");
        std::process::exit(1);
    }
}

/// candle names CUDA's libraries to the linker, and a program that needs them does not start on a machine without
/// them. So the linker finds these instead: libraries that hold nothing, because `src/engine/cuda.rs` defines the
/// functions, and the static form of the CUDA runtime, which looks for the driver at its first use.
#[cfg(feature = "cuda")]
mod cuda {
    use std::env;
    use std::path::{Path, PathBuf};

    /// Variables that may hold the toolkit's folder, as cudarc reads them.
    const VARIABLES: [&str; 4] = ["CUDA_HOME", "CUDA_PATH", "CUDA_ROOT", "CUDA_TOOLKIT_ROOT_DIR"];
    /// Where toolkits are installed.
    const USUAL: [&str; 3] = ["/usr/local/cuda", "/opt/cuda", "/usr"];
    const RUNTIME: &str = "libcudart_static.a";
    /// What cudarc names to the linker.
    const DEFINED_HERE: [&str; 5] = ["cuda", "cublas", "cublasLt", "curand", "nvrtc"];

    /// An archive without members.
    const EMPTY: &str = "!<arch>\n";

    /// Writes the libraries and puts their folder before all others.
    pub fn prepare() -> Result<(), String> {
        for variable in VARIABLES.iter().chain(&["PATH"]) {
            println!("cargo:rerun-if-env-changed={variable}");
        }
        let roots = roots();
        let runtime = roots.iter().find_map(|root| find(root)).ok_or_else(|| {
            format!(
                "{RUNTIME} was not found below {roots:?}: install the CUDA toolkit, or run scripts/cuda and set the \
                 variables that it prints"
            )
        })?;
        let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: build with cargo")?);
        for name in DEFINED_HERE {
            write(&folder, name, EMPTY)?;
        }
        let runtime = format!("INPUT(\"{}\" -ldl -lrt -lpthread)\n", runtime.display());
        write(&folder, "cudart", &runtime)?;
        println!("cargo:rustc-link-search=native={}", folder.display());
        Ok(())
    }

    /// Folders that may be a toolkit's, the chosen ones first.
    fn roots() -> Vec<PathBuf> {
        let chosen = VARIABLES.iter().filter_map(env::var_os).map(PathBuf::from);
        let path = env::var_os("PATH").unwrap_or_default();
        let beside_nvcc = env::split_paths(&path)
            .filter_map(|folder| folder.join("nvcc").canonicalize().ok())
            .filter_map(|nvcc| Some(nvcc.parent()?.parent()?.to_owned()));
        chosen
            .chain(beside_nvcc)
            .chain(USUAL.iter().map(PathBuf::from))
            .collect()
    }

    fn find(root: &Path) -> Option<PathBuf> {
        let architecture = env::var("CARGO_CFG_TARGET_ARCH").ok()?;
        ["lib64", "lib", &format!("lib/{architecture}-linux-gnu")]
            .iter()
            .map(|folder| root.join(folder).join(RUNTIME))
            .find(|path| path.is_file())
    }

    /// Linkers look into the file, whatever its name says: an archive is one, and a text is a script for them.
    fn write(folder: &Path, name: &str, content: &str) -> Result<(), String> {
        let path = folder.join(format!("lib{name}.so"));
        std::fs::write(&path, content)
            .map_err(|error| format!("cannot write {}: {error}; free disk space", path.display()))
    }
}
