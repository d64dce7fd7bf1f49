/// Numbers in the spool's files.
extension [UInt8] {
    /// The caller sees to it that it is there.
    func number<Number: FixedWidthInteger>(at offset: Int, as _: Number.Type) -> Number {
        var number: Number = 0
        for index in (0..<MemoryLayout<Number>.size).reversed() { number = number << 8 | Number(self[offset + index]) }
        return number
    }

    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(littleEndian number: Number) {
        unsafe Swift.withUnsafeBytes(of: number.littleEndian) { bytes in unsafe self.append(contentsOf: bytes) }
    }
}
