import Domain

/// The texts that open our APIs: a prefix, 32 random bytes in base62 (43 characters) and 6 characters of checksum.
///
/// The prefix lets scanners find a leaked one; the checksum tells a mistyped one from a wrong one without a look-up.
package enum TokenText {
    /// Of API keys, for traffic.
    package static let key = "mk_"
    /// Of principals' tokens, for administration.
    package static let principal = "mt_"
    package static let randomBytes = 32

    private static let bodyLength = 43
    private static let checksumLength = 6
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// `random` are 32 bytes that nobody can guess.
    package static func make(prefix: String, random: [UInt8]) -> String {
        let body = self.base62(random, length: self.bodyLength)
        return prefix + body + self.checksum(of: prefix + body)
    }

    package static func isWellFormed(_ text: String, prefix: String) -> Bool {
        guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + self.bodyLength + self.checksumLength
        else {
            return false
        }
        return text.hasSuffix(self.checksum(of: String(text.dropLast(self.checksumLength))))
    }

    /// What a principal's token is known by; nil for a text that is none, without a look-up.
    static func principalDigest(of text: String) -> Digest? {
        self.isWellFormed(text, prefix: self.principal) ? .sha256(Array(text.utf8)) : nil
    }

    private static func checksum(of text: String) -> String {
        let sum = self.crc32(Array(text.utf8))
        let bytes = stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: sum >> $0) }
        return self.base62(bytes, length: self.checksumLength)
    }

    /// The number that `bytes` are, big-endian, in base 62 with leading zeroes: long division, digit by digit.
    private static func base62(_ bytes: [UInt8], length: Int) -> String {
        var number = bytes
        var digits: [UInt8] = []
        for _ in 0..<length {
            var remainder = 0
            for index in number.indices {
                let part = remainder << 8 | Int(number[index])
                number[index] = UInt8(part / 62)
                remainder = part % 62
            }
            digits.append(self.alphabet[remainder])
        }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }

    /// IEEE 802.3, reflected.
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
