import Platform

/// Times as people write them at a prompt: a length from now, a day, or RFC 3339 in UTC.
enum WrittenTime {
    /// `90d` is that long from now.
    static func ahead(_ text: String, of now: Int64, option: String) throws(StartupFault) -> String {
        try self.read(text, now, direction: 1, option)
    }

    /// `24h` is that long before now.
    static func ago(_ text: String, from now: Int64, option: String) throws(StartupFault) -> String {
        try self.read(text, now, direction: -1, option)
    }

    private static func read(
        _ text: String,
        _ now: Int64,
        direction: Int64,
        _ option: String
    ) throws(StartupFault) -> String {
        // A bare number would be seconds, which nobody means by "2027".
        if text.last?.isNumber == false, let length = Duration(written: text) {
            let time = now + direction * length.wholeMilliseconds
            return WallClock.rfc3339((Int(time / 1000), Int(time % 1000)))
        }
        if text.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil { return "\(text)T00:00:00Z" }
        guard text.wholeMatch(of: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/) != nil else {
            throw StartupFault(.usage, "\(option): must be like 24h, 2027-01-31 or 2027-01-31T12:00:00Z")
        }
        return text
    }
}
