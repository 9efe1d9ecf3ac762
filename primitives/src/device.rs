//! What a worker says of its machine.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

/// Most devices of one worker.
pub const MAX_DEVICES: u32 = 16;

/// The kind of a compute device.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum DeviceKind {
    /// The host's processor.
    #[codec(index = 0)]
    Cpu,
    /// An NVIDIA GPU.
    #[codec(index = 1)]
    Cuda,
    /// An Apple GPU.
    #[codec(index = 2)]
    Metal,
}

/// One device as measured by its worker; attested only by a capability audit.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Device {
    /// Kind of the device.
    pub kind: DeviceKind,
    /// The maker's name for it (UTF-8); decides nothing.
    pub name: BoundedVec<u8, ConstU32<64>>,
    /// Memory offered to jobs: the GPU's, or the share of the host's that a CPU worker gives.
    pub vram_mib: u32,
    /// Measured memory bandwidth in MiB/s.
    pub bandwidth_mib_s: u32,
    /// Measured fp16 (CPU: fp32) multiply-add throughput in 10^9 multiply-adds/s.
    pub throughput_gmac_s: u32,
}

/// Tier of a device by memory and bandwidth, never by name; 0 is any CPU.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    Default,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct DeviceClass(pub u8);

/// Number of device classes in version 1 of the table; classes are `0..DEVICE_CLASSES`.
pub const DEVICE_CLASSES: u8 = 8;

/// Lower bounds (memory in MiB, bandwidth in MiB/s) of classes 1 to 7; version 1 of the table.
const CLASS_TIERS: [(u32, u32); 7] = [
    (0, 0),              // any GPU
    (7_500, 150_000),    // 8 GB cards
    (11_000, 250_000),   // 12 GB cards
    (15_000, 400_000),   // 16 GB cards
    (23_000, 700_000),   // 24 GB cards
    (40_000, 800_000),   // 48 GB cards
    (75_000, 1_500_000), // 80 GB and more
];

impl DeviceClass {
    /// Whether workers of this class have `memory_mib` as a rule. CPUs and the smallest cards, whose classes have no
    /// bound below, are taken for able where the first bound is not needed; of the largest, each may have more.
    pub fn may_hold(self, memory_mib: u32) -> bool {
        let tier = usize::from(self.0.saturating_sub(1));
        match CLASS_TIERS.get(tier) {
            Some((0, _)) => memory_mib < CLASS_TIERS[1].0,
            Some((bound, _)) => memory_mib <= *bound || tier == CLASS_TIERS.len() - 1,
            None => false,
        }
    }
}

impl Device {
    /// The class that this device's numbers put it in.
    pub fn class(&self) -> DeviceClass {
        if self.kind == DeviceKind::Cpu {
            return DeviceClass(0);
        }
        let tier = CLASS_TIERS
            .iter()
            .rposition(|(vram, bandwidth)| self.vram_mib >= *vram && self.bandwidth_mib_s >= *bandwidth)
            .unwrap_or(0);
        DeviceClass(tier as u8 + 1)
    }
}

/// An address to dial a worker at.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum SocketAddress {
    /// IPv4 address and UDP port.
    #[codec(index = 0)]
    V4 { ip: [u8; 4], port: u16 },
    /// IPv6 address and UDP port.
    #[codec(index = 1)]
    V6 { ip: [u8; 16], port: u16 },
}

/// How to reach a worker and to whom to encrypt.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NetworkProfile {
    /// ed25519 public key: the QUIC identity, and the signer of receipts.
    pub transport_key: [u8; 32],
    /// X25519 public key for HPKE.
    pub encryption_key: [u8; 32],
    /// Where it can be dialled without a relay.
    pub addresses: BoundedVec<SocketAddress, ConstU32<8>>,
    /// URLs of relays (UTF-8) that it is connected to.
    pub relays: BoundedVec<BoundedVec<u8, ConstU32<128>>, ConstU32<2>>,
}

/// All that a worker declares of itself in one call.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct WorkerProfile {
    /// Its devices; at least one.
    pub devices: BoundedVec<Device, ConstU32<MAX_DEVICES>>,
    /// Its keys and addresses.
    pub network: NetworkProfile,
    /// ISO 3166-1 numeric country code, unproved; 0 is "not said".
    pub region: u16,
    /// Jobs it runs at once; at least one.
    pub slots: u16,
}

impl WorkerProfile {
    /// The best device decides the class.
    pub fn class(&self) -> DeviceClass {
        self.devices.iter().map(Device::class).max().unwrap_or_default()
    }

    /// The largest memory of one device in MiB.
    pub fn max_vram_mib(&self) -> u32 {
        self.devices
            .iter()
            .map(|device| device.vram_mib)
            .max()
            .unwrap_or(0)
    }
}
