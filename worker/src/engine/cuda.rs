//! CUDA's libraries, loaded when the first GPU is opened.
//!
//! candle names them to the linker, and a program linked that way does not start on a machine without an NVIDIA
//! driver. So build.rs gives the linker empty ones and the functions that candle calls are defined here: each jumps
//! to where its slot points, which is the library's function of that name once [`load`] found it. A new version of
//! candle may call more of them; the linker then names what is missing in the lists below.

use libloading::Library;
use std::error::Error;
use std::ffi::c_void;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::OnceLock;

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
compile_error!("GPU support is for Linux on x86-64: build without the feature `cuda`");

/// Why CUDA cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A library is not installed, or the system does not load it.
    #[error("{reason}; {cure}")]
    Missing {
        /// The system's words, the file name among them.
        reason: String,
        /// What installs it.
        cure: &'static str,
    },
    /// A library is older than what this program was built for.
    #[error("{name} has no function {function}, it is too old; {cure}")]
    Old {
        /// File name.
        name: &'static str,
        /// What it lacks.
        function: &'static str,
        /// What installs a newer one.
        cure: &'static str,
    },
}

/// Where a function's jump goes.
type Slot = AtomicPtr<c_void>;

/// One of CUDA's libraries.
struct Imports {
    /// File names of the versions that will do, the preferred one first.
    names: &'static [&'static str],
    /// What installs it.
    cure: &'static str,
    /// Its functions.
    functions: &'static [(&'static str, &'static Slot)],
}

/// Loads what candle calls, once for the whole program.
pub fn load() -> Result<(), LoadError> {
    static LOADED: OnceLock<Result<(), LoadError>> = OnceLock::new();
    LOADED.get_or_init(|| LIBRARIES.iter().try_for_each(fill)).clone()
}

fn fill(imports: &Imports) -> Result<(), LoadError> {
    let (name, library) = open(imports)?;
    for (function, slot) in imports.functions {
        // SAFETY: the symbol is only stored; candle's bindings, made for these libraries, know its type.
        let symbol = unsafe { library.get::<*mut c_void>(*function) };
        let Some(address) = symbol.ok().map(|symbol| *symbol).filter(|it| !it.is_null()) else {
            return Err(LoadError::Old {
                name,
                function,
                cure: imports.cure,
            });
        };
        slot.store(address, Ordering::Release);
    }
    // The slots point into it from now on.
    std::mem::forget(library);
    Ok(())
}

fn open(imports: &Imports) -> Result<(&'static str, Library), LoadError> {
    let mut first = None;
    for &name in imports.names {
        // SAFETY: the constructors of NVIDIA's libraries touch nothing of this program.
        match unsafe { Library::new(name) } {
            Ok(library) => return Ok((name, library)),
            // The outer error is only the name of the call that failed.
            Err(error) => first = first.or_else(|| error.source().map(ToString::to_string)),
        }
    }
    Err(LoadError::Missing {
        reason: first.unwrap_or_default(),
        cure: imports.cure,
    })
}

/// Where every slot points until its library is loaded. No tensor can be on a GPU before that.
extern "C" fn not_loaded() -> ! {
    eprintln!(
        "a CUDA function was called before CUDA was loaded: please report this as an error of the worker"
    );
    std::process::abort()
}

/// Defines each function as a jump through its slot, and the table of all.
macro_rules! jumps {
    ($table:ident: $($function:ident)*) => {
        $(
            #[allow(non_snake_case)]
            mod $function {
                pub static SLOT: super::Slot = super::Slot::new(super::not_loaded as *mut std::ffi::c_void);

                #[unsafe(naked)]
                #[unsafe(no_mangle)]
                unsafe extern "C" fn $function() {
                    std::arch::naked_asm!("jmp qword ptr [rip + {}]", sym SLOT)
                }
            }
        )*
        static $table: &[(&str, &Slot)] = &[$((stringify!($function), &$function::SLOT)),*];
    };
}

static LIBRARIES: [Imports; 3] = [
    Imports {
        names: &["libcuda.so.1"],
        cure: "install NVIDIA's driver, of the CUDA release that this program was built with or newer",
        functions: DRIVER,
    },
    Imports {
        names: &["libcublas.so.13", "libcublas.so.12", "libcublas.so"],
        cure: TOOLKIT,
        functions: CUBLAS,
    },
    Imports {
        names: &["libcurand.so.10", "libcurand.so"],
        cure: TOOLKIT,
        functions: CURAND,
    },
];

const TOOLKIT: &str =
    "install the CUDA toolkit, or fetch its libraries with scripts/cuda and name their folder in \
                       LD_LIBRARY_PATH";

jumps! {
    DRIVER:
    cuCtxDestroy_v2 cuCtxGetCurrent cuCtxSetCurrent cuDeviceGet cuDeviceGetAttribute
    cuDevicePrimaryCtxRelease_v2 cuDevicePrimaryCtxRetain cuEventCreate cuEventDestroy_v2
    cuEventRecord cuGetErrorString cuInit cuLaunchKernel cuMemAllocAsync cuMemAlloc_v2
    cuMemFreeAsync cuMemFree_v2 cuMemcpyDtoDAsync_v2 cuMemcpyDtoHAsync_v2 cuMemcpyHtoDAsync_v2
    cuMemcpyPeerAsync cuMemsetD8Async cuModuleGetFunction cuModuleLoad cuModuleLoadData
    cuModuleUnload cuStreamDestroy_v2 cuStreamIsCapturing cuStreamSynchronize cuStreamWaitEvent
}

jumps! {
    CUBLAS:
    cublasCreate_v2 cublasDestroy_v2 cublasDgemmStridedBatched cublasGemmStridedBatchedEx
    cublasSetStream_v2
}

jumps! {
    CURAND:
    curandCreateGenerator curandDestroyGenerator curandSetPseudoRandomGeneratorSeed curandSetStream
}

#[cfg(test)]
mod tests {
    use super::*;

    // One that the C library of mathematics has and one that it has not. `jumps!` would give this program's own
    // name to the first, so the slot stands alone.
    static PRESENT: Slot = Slot::new(not_loaded as *mut c_void);
    jumps! { ABSENT: ogpu_worker_absent_function }

    fn of(names: &'static [&'static str], functions: &'static [(&'static str, &'static Slot)]) -> Imports {
        Imports {
            names,
            cure: "install it",
            functions,
        }
    }

    #[test]
    fn fill_should_point_slots_at_functions_when_one_version_is_installed() {
        const FUNCTIONS: &[(&str, &Slot)] = &[("floor", &PRESENT)];
        fill(&of(&["libogpu-absent.so.1", "libm.so.6"], FUNCTIONS)).unwrap();
        // SAFETY: this is the declaration of `floor`, and `fill` found it.
        let floor: extern "C" fn(f64) -> f64 =
            unsafe { std::mem::transmute(PRESENT.load(Ordering::Acquire)) };
        assert_eq!(floor(2.5), 2.0);
    }

    #[test]
    fn jump_should_hand_arguments_and_result_on_when_its_slot_is_set() {
        extern "C" fn reached(a: u64, b: f64) -> f64 {
            a as f64 * b
        }
        unsafe extern "C" {
            fn ogpu_worker_absent_function(a: u64, b: f64) -> f64;
        }
        ABSENT[0].1.store(reached as *mut c_void, Ordering::Release);
        // SAFETY: the slot points to a function of this declaration.
        assert_eq!(unsafe { ogpu_worker_absent_function(6, 0.5) }, 3.0);
    }

    #[test]
    fn fill_should_name_library_and_cure_when_no_version_is_installed() {
        let error = fill(&of(&["libogpu-absent.so.2", "libogpu-absent.so.1"], ABSENT)).unwrap_err();
        assert!(matches!(error, LoadError::Missing { .. }), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains("libogpu-absent.so.2: ") && text.contains("; install it"),
            "{text}"
        );
    }

    #[test]
    fn fill_should_name_the_function_when_the_library_lacks_it() {
        let expected = LoadError::Old {
            name: "libm.so.6",
            function: "ogpu_worker_absent_function",
            cure: "install it",
        };
        assert_eq!(fill(&of(&["libm.so.6"], ABSENT)), Err(expected));
    }
}
