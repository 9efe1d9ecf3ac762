//! Tensors of a model, whatever kind of file they are in.

use super::cpu::pack::{half, Packed};
use super::linear::{Linear, Part};
use super::options::{Kernels, Options};
use super::EngineError;
use candle_core::quantized::{GgmlDType, QMatMul, QStorage, QTensor};
use candle_core::{DType, Device, Tensor};
use ogpu_client::models::safetensors::Number;
use ogpu_client::models::{Gguf, ModelFiles, SafetensorsHeader, TensorType};
use ogpu_primitives::NumericProfile;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// An opened model whose tensors can be read one by one.
pub struct Weights {
    source: Source,
    device: Device,
    profile: NumericProfile,
    options: Options,
}

enum Source {
    Gguf(Gguf, File),
    Safetensors(Vec<(SafetensorsHeader, File)>),
}

impl Weights {
    /// Opens and checks the headers.
    pub fn open(
        files: &ModelFiles,
        device: &Device,
        profile: NumericProfile,
        options: &Options,
    ) -> Result<Self, EngineError> {
        let source = match files {
            ModelFiles::Gguf { path } => Source::Gguf(Gguf::open(path)?, File::open(path)?),
            ModelFiles::Safetensors { weights, .. } => Source::Safetensors(
                weights
                    .iter()
                    .map(|path| open_safetensors(path))
                    .collect::<Result<_, _>>()?,
            ),
        };
        match (profile, &source) {
            (NumericProfile::A8, Source::Safetensors(_)) => Err(EngineError::Profile {
                profile,
                reason: "it needs quantised weights (a GGUF file)",
            }),
            _ => Ok(Self {
                source,
                device: device.clone(),
                profile,
                options: options.clone(),
            }),
        }
    }

    /// The GGUF header, when it is one.
    pub fn gguf(&self) -> Option<&Gguf> {
        match &self.source {
            Source::Gguf(header, _) => Some(header),
            Source::Safetensors(_) => None,
        }
    }

    /// The device that tensors are put on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Type in which activations and dense weights are kept.
    pub fn dtype(&self) -> DType {
        match self.profile {
            NumericProfile::Bf16 if !self.device.is_cpu() => DType::BF16,
            _ => DType::F32,
        }
    }

    /// Whether activations, kept as f32, are to be rounded to bf16: the profile `Bf16` on the CPU.
    pub fn rounds_to_bf16(&self) -> bool {
        self.profile == NumericProfile::Bf16 && self.device.is_cpu()
    }

    /// Whether the tensor library's kernels compute.
    pub fn library_kernels(&self) -> bool {
        !self.device.is_cpu() || self.options.kernels == Kernels::Library
    }

    /// Whether a layer is to be left out, as only a cheat does.
    pub fn skips(&self, layer: usize) -> bool {
        #[cfg(feature = "dishonest")]
        return self.options.dishonest.skip_layers.contains(&layer);
        #[cfg(not(feature = "dishonest"))]
        {
            let _ = layer;
            false
        }
    }

    /// Whether the file has the tensor.
    pub fn has(&self, name: &str) -> bool {
        self.shape(name).is_some()
    }

    /// Shape of a tensor, slowest dimension first.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        match &self.source {
            Source::Gguf(header, _) => header.tensors.get(name).map(|info| info.dimensions.clone()),
            Source::Safetensors(files) => files
                .iter()
                .find_map(|(header, _)| header.tensors.get(name))
                .map(|info| info.shape.clone()),
        }
    }

    /// A dense tensor of the expected shape.
    pub fn dense(&self, name: &str, expected: &[usize]) -> Result<Tensor, EngineError> {
        self.check(name, expected)?;
        let cpu = match &self.source {
            Source::Gguf(header, file) => {
                let info = &header.tensors[name];
                let data = read(file, info.offset, info.bytes)?;
                let storage = QStorage::from_data(data.into(), &Device::Cpu, ggml(info.kind))?;
                QTensor::new(storage, expected)?.dequantize(&Device::Cpu)?
            }
            Source::Safetensors(files) => {
                let (info, file) = files
                    .iter()
                    .find_map(|(header, file)| Some((header.tensors.get(name)?, file)))
                    .ok_or_else(|| EngineError::MissingTensor(name.into()))?;
                let data = read(file, info.offset, info.bytes)?;
                let values: Vec<f32> = match info.number {
                    Number::F32 => data
                        .chunks_exact(4)
                        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                        .collect(),
                    Number::F16 => (0..data.len() / 2).map(|i| half(&data, 2 * i)).collect(),
                    Number::Bf16 => data
                        .chunks_exact(2)
                        .map(|b| f32::from_bits(u32::from_le_bytes([0, 0, b[0], b[1]])))
                        .collect(),
                    other => {
                        return Err(EngineError::TensorType {
                            name: name.into(),
                            kind: format!("{other:?}"),
                        })
                    }
                };
                Tensor::from_vec(values, expected, &Device::Cpu)?
            }
        };
        // What a GPU would keep as bf16 has its values here too.
        let cpu = match self.rounds_to_bf16() {
            true => cpu.to_dtype(DType::BF16)?,
            false => cpu,
        };
        Ok(cpu.to_dtype(self.dtype())?.to_device(&self.device)?)
    }

    /// Matrices with the same columns, stacked: outputs come one after another.
    pub fn linear(&self, matrices: &[(&str, usize)], columns: usize) -> Result<Linear, EngineError> {
        let mut parts = Vec::new();
        for (name, rows) in matrices {
            self.check(name, &[*rows, columns])?;
            parts.push((self.part(name, *rows, columns)?, *rows));
        }
        Linear::new(parts, columns, self.profile)
    }

    fn part(&self, name: &str, rows: usize, columns: usize) -> Result<Part, EngineError> {
        #[cfg(feature = "dishonest")]
        if let Some(format) = self.options.dishonest.requantise {
            return self.requantised(name, rows, columns, format);
        }
        if let Source::Gguf(header, file) = &self.source {
            let info = &header.tensors[name];
            let quantised = !matches!(info.kind, TensorType::F32 | TensorType::F16 | TensorType::Bf16);
            if quantised {
                let data = read(file, info.offset, info.bytes)?;
                return self.quantised(name, info.kind, rows, columns, data);
            }
        }
        Ok(Part::Dense(self.dense(name, &[rows, columns])?))
    }

    /// A matrix whose blocks are in `data`.
    fn quantised(
        &self,
        name: &str,
        kind: TensorType,
        rows: usize,
        columns: usize,
        data: Vec<u8>,
    ) -> Result<Part, EngineError> {
        if !self.library_kernels() {
            if let Some(packed) = Packed::new(kind, rows, columns, &data) {
                return Ok(Part::Packed(packed));
            }
        }
        if self.profile == NumericProfile::A8 {
            let storage = QStorage::from_data(data.into(), &self.device, ggml(kind))?;
            let tensor = QTensor::new(storage, (rows, columns))?;
            return Ok(Part::Quantised(QMatMul::from_arc(Arc::new(tensor))?));
        }
        Ok(Part::Dense(self.dense(name, &[rows, columns])?))
    }

    /// The matrix rounded to a cheaper format first.
    #[cfg(feature = "dishonest")]
    fn requantised(
        &self,
        name: &str,
        rows: usize,
        columns: usize,
        format: super::options::Requantise,
    ) -> Result<Part, EngineError> {
        use super::options::Requantise;
        let kind = match format {
            Requantise::FourBit => TensorType::Q4_0,
            Requantise::EightBit => TensorType::Q8_0,
        };
        let dense = self.dense(name, &[rows, columns])?.to_device(&Device::Cpu)?;
        let quantised = QTensor::quantize(&dense.to_dtype(DType::F32)?, ggml(kind))?;
        let dense_again = || -> Result<Part, EngineError> {
            let tensor = quantised.dequantize(&Device::Cpu)?.to_dtype(self.dtype())?;
            Ok(Part::Dense(tensor.to_device(&self.device)?))
        };
        match self.library_kernels() && self.profile != NumericProfile::A8 {
            true => dense_again(),
            false => self.quantised(name, kind, rows, columns, quantised.data()?.to_vec()),
        }
    }

    fn check(&self, name: &str, expected: &[usize]) -> Result<(), EngineError> {
        match self.shape(name) {
            None => Err(EngineError::MissingTensor(name.into())),
            Some(found) if found != expected => Err(EngineError::Shape {
                name: name.into(),
                expected: expected.into(),
                found,
            }),
            Some(_) => Ok(()),
        }
    }
}

fn open_safetensors(path: &Path) -> Result<(SafetensorsHeader, File), EngineError> {
    Ok((SafetensorsHeader::open(path)?, File::open(path)?))
}

fn read(mut file: &File, offset: u64, bytes: u64) -> Result<Vec<u8>, EngineError> {
    let mut data = vec![0; bytes as usize];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut data)?;
    Ok(data)
}

fn ggml(kind: TensorType) -> GgmlDType {
    match kind {
        TensorType::F32 => GgmlDType::F32,
        TensorType::F16 => GgmlDType::F16,
        TensorType::Bf16 => GgmlDType::BF16,
        TensorType::Q4_0 => GgmlDType::Q4_0,
        TensorType::Q4_1 => GgmlDType::Q4_1,
        TensorType::Q5_0 => GgmlDType::Q5_0,
        TensorType::Q5_1 => GgmlDType::Q5_1,
        TensorType::Q8_0 => GgmlDType::Q8_0,
        TensorType::Q2K => GgmlDType::Q2K,
        TensorType::Q3K => GgmlDType::Q3K,
        TensorType::Q4K => GgmlDType::Q4K,
        TensorType::Q5K => GgmlDType::Q5K,
        TensorType::Q6K => GgmlDType::Q6K,
        TensorType::Q8K => GgmlDType::Q8K,
    }
}
