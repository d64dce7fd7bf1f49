/// What a request says of the prompt that it wants.
package struct PromptWish: Hashable, Sendable {
    package let name: String
    package let reference: Reference
    package let variables: [String: JSONValue]

    package enum Reference: Hashable, Sendable {
        case version(UInt32)
        case label(String)
    }

    /// The label that is meant where a request names neither label nor version.
    package static let labelUsual = "production"

    package init(name: String, reference: Reference, variables: [String: JSONValue]) {
        self.name = name
        self.reference = reference
        self.variables = variables
    }
}

/// The version that an exchange runs with: what its reply and its usage name.
package struct PromptChoice: Hashable, Sendable {
    package let prompt: Name<Prompt>
    package let number: UInt32

    package init(prompt: Name<Prompt>, number: UInt32) {
        self.prompt = prompt
        self.number = number
    }

    /// As in the header `martlet-prompt`.
    package var text: String { "\(self.prompt);version=\(self.number)" }
}

extension LabelTarget {
    /// The same version for the same unit for as long as the shares are the same; and where the share of the newest
    /// version only grows, whoever has it keeps it: shares lie on a line in the order of their versions.
    package func version(of label: Name<PromptLabel>, in prompt: Name<Prompt>, for unit: String) -> UInt32 {
        let total = self.shares.reduce(0) { $0 + UInt64($1.weight) }
        let place = StickyHash("\(prompt)\u{0}\(label)\u{0}\(unit)").place(below: total)
        var end: UInt64 = 0
        for share in self.shares {
            end += UInt64(share.weight)
            if place < end { return share.version }
        }
        return self.shares[self.shares.count - 1].version
    }
}

/// A hash that is the same in every process, build and language: FNV-1a of 64 bits over the text's UTF-8 (RFC 9923), mixed
/// by MurmurHash3's finalizer, because the high bits of FNV-1a alone hardly depend on a short text's end.
package struct StickyHash: Hashable, Sendable {
    package let value: UInt64

    package init(_ text: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        self.value = hash ^ hash >> 33
    }

    /// From 0 up to but without `bound`, each as likely.
    package func place(below bound: UInt64) -> UInt64 { self.value.multipliedFullWidth(by: bound).high }
}
