/// A field of LiteLLM's map that is the rate of a kind of token: `input_cost_per_token_above_200k_tokens_batches`.
struct PublicPriceField {
    /// By the name of its rate in our prices.
    let kind: String
    let table: Table

    struct Table: Hashable {
        /// Empty for the standard one.
        let serviceTier: String
        /// For inputs of more than so many thousand tokens; 0 for all.
        let aboveThousands: Int64

        static let standard = Table(serviceTier: "", aboveThousands: 0)
    }

    /// Nil for every other field.
    init?(_ name: String) {
        // The longest first: one name begins with another.
        guard let base = Self.kinds.keys.filter(name.hasPrefix).max(by: { $0.count < $1.count }),
            let kind = Self.kinds[base]
        else { return nil }
        var rest = name.dropFirst(base.count)
        var serviceTier = ""
        for (suffix, tier) in Self.serviceTiers where rest.hasSuffix(suffix) {
            serviceTier = tier
            rest = rest.dropLast(suffix.count)
        }
        var thousands: Int64 = 0
        if !rest.isEmpty {
            guard rest.hasPrefix("_above_"), rest.hasSuffix("k_tokens"),
                let number = Int64(rest.dropFirst(7).dropLast(8)), (1...1_000_000).contains(number)
            else { return nil }
            thousands = number
        }
        self.kind = kind
        self.table = Table(serviceTier: serviceTier, aboveThousands: thousands)
    }

    private static let kinds = [
        "input_cost_per_token": "input", "cache_read_input_token_cost": "cachedInput",
        "cache_creation_input_token_cost": "cacheWrite",
        "cache_creation_input_token_cost_above_1hr": "cacheWrite1h", "input_cost_per_audio_token": "inputAudio",
        "input_cost_per_image_token": "inputImage", "output_cost_per_token": "output",
        "output_cost_per_reasoning_token": "reasoning", "output_cost_per_audio_token": "outputAudio",
        "output_cost_per_image_token": "outputImage",
    ]

    static let serviceTiers = ["_batches": "batch", "_flex": "flex", "_priority": "priority"]
}
