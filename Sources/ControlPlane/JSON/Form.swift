package import Domain

/// One thing that is wrong with a body: where (a JSON pointer, RFC 6901) and what to do.
package struct FieldProblem: Hashable, Sendable {
    package let pointer: String
    package let detail: String

    package init(at pointer: String, _ detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// Reads one JSON object field by field and collects everything that is wrong with it, so that people see all of it at
/// once. A field that was never asked for is a problem when the form is finished.
package struct Form {
    /// Of this object in the body; empty for the body itself.
    package let pointer: String
    package private(set) var problems: [FieldProblem] = []
    private let members: [String: JSON]
    private var seen: Set<String>

    /// Fields that replies carry and that a body may bring back unchanged; they are the server's to say.
    package static let serverFields: Set<String> = [
        "author", "created", "inForce", "labelsInForce", "proposal", "revision", "state", "status", "texts",
        "version",
    ]

    package init(_ json: JSON, at pointer: String = "", ignoring ignored: Set<String> = []) {
        self.pointer = pointer
        self.seen = ignored
        if case .object(let members) = json {
            self.members = members
        } else {
            self.members = [:]
            self.problems = [FieldProblem(at: pointer, "must be an object")]
        }
    }

    package var isGood: Bool { self.problems.isEmpty }

    package func place(_ name: String) -> String { Self.place(name, in: self.pointer) }

    /// A member's pointer: `~` and `/` in its name are escaped (RFC 6901).
    static func place(_ name: String, in pointer: String) -> String {
        "\(pointer)/\(name.replacing("~", with: "~0").replacing("/", with: "~1"))"
    }

    package mutating func add(_ name: String, _ detail: String) {
        self.problems.append(FieldProblem(at: self.place(name), detail))
    }

    package mutating func add(_ problems: [FieldProblem]) { self.problems += problems }

    /// Nil if the field is absent or null.
    package mutating func value(_ name: String) -> JSON? {
        self.seen.insert(name)
        guard let value = self.members[name], value != .null else { return nil }
        return value
    }

    private mutating func required(_ name: String) -> JSON? {
        let value = self.value(name)
        if value == nil { self.add(name, "is required") }
        return value
    }

    /// Says what fields nobody asked for. `hints` names fields that will mean something one day.
    package mutating func finish(hints: [String: String] = [:]) {
        for name in self.members.keys.sorted() where !self.seen.contains(name) {
            self.add(name, hints[name] ?? "is not a field here")
        }
    }
}

// MARK: - Scalars

extension Form {
    package mutating func text(_ name: String, lengthMax: Int = 256) -> String? {
        guard let value = self.required(name) else { return nil }
        return self.text(value, of: name, lengthMax: lengthMax)
    }

    package mutating func textIfPresent(_ name: String, lengthMax: Int = 256) -> String? {
        guard let value = self.value(name) else { return nil }
        return self.text(value, of: name, lengthMax: lengthMax)
    }

    private mutating func text(_ value: JSON, of name: String, lengthMax: Int) -> String? {
        guard let text = value.string else {
            self.add(name, "must be a string")
            return nil
        }
        guard !text.isEmpty, text.utf8.count <= lengthMax, !Self.holdsControls(text) else {
            self.add(name, "must have 1 to \(lengthMax) bytes and no control characters")
            return nil
        }
        return text
    }

    /// A text for people, of several lines if they like; empty if it is absent, nil if it is bad.
    mutating func prose(_ name: String, bytesMax: Int) -> String? {
        guard let value = self.value(name) else { return "" }
        guard let text = value.string, text.utf8.count <= bytesMax else {
            self.add(name, "must be a string of at most \(bytesMax) bytes")
            return nil
        }
        return text
    }

    /// As nodes judge it: what they refuse in a snapshot must never get into one.
    static func holdsControls(_ text: String) -> Bool { text.utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    package mutating func flag(_ name: String, default absent: Bool) -> Bool {
        guard let value = self.value(name) else { return absent }
        guard case .bool(let flag) = value else {
            self.add(name, "must be true or false")
            return absent
        }
        return flag
    }

    package mutating func integer(_ name: String, in range: ClosedRange<Int64>, default absent: Int64? = nil) -> Int64?
    {
        guard let value = self.value(name) else {
            if absent == nil { self.add(name, "is required") }
            return absent
        }
        guard case .number(let digits) = value, let number = Int64(digits), range.contains(number) else {
            self.add(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// The default is the caller's to give: nil means that the field must be there.
    package mutating func choice<Choice>(_ name: String, default absent: Choice? = nil) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let value = self.value(name) else {
            if absent == nil { self.add(name, "is required") }
            return absent
        }
        guard let choice = value.string.flatMap(Choice.init(rawValue:)) else {
            self.add(name, "must be one of: \(Self.words(of: Choice.self))")
            return nil
        }
        return choice
    }

    private static func words<Choice: RawRepresentable<String> & CaseIterable>(of type: Choice.Type) -> String {
        type.allCases.map(\.rawValue).joined(separator: ", ")
    }

    package mutating func name<Subject: SendableMetatype>(
        _ name: String,
        of subject: Subject.Type = Subject.self
    ) -> Name<Subject>? {
        guard let value = self.required(name) else { return nil }
        guard let read = value.string.flatMap(Name<Subject>.init) else {
            self.add(name, Self.nameGrammar(segments: Subject.nameSegments))
            return nil
        }
        return read
    }

    package mutating func nameIfPresent<Subject: SendableMetatype>(_ name: String) -> Name<Subject>? {
        self.value(name) == nil ? nil : self.name(name)
    }

    static func nameGrammar(segments: Int) -> String {
        let form = segments == 2 ? "must be provider/name, each part" : "must be a name"
        return form + " of a-z, 0-9, '.', '_', '-' (a letter or digit at both ends, at most 64 characters)"
    }

    package mutating func timeIfPresent(_ name: String) -> Timestamp? {
        guard let value = self.value(name) else { return nil }
        guard let time = value.string.flatMap(Timestamp.init(rfc3339:)) else {
            self.add(name, "must be an RFC 3339 time in UTC such as 2027-01-31T00:00:00Z")
            return nil
        }
        return time
    }

    package mutating func money(_ name: String) -> Money? {
        guard let value = self.required(name) else { return nil }
        return self.money(value, of: name)
    }

    package mutating func moneyIfPresent(_ name: String) -> Money? {
        guard let value = self.value(name) else { return nil }
        return self.money(value, of: name)
    }

    private mutating func money(_ value: JSON, of name: String) -> Money? {
        guard let money = value.string.flatMap(Money.init(dollars:)) else {
            self.add(
                name,
                "must be dollars as a decimal string such as \"12.50\", with at most 9 digits after the point"
            )
            return nil
        }
        return money
    }
}

// MARK: - Lists and objects

extension Form {
    /// No list of ours is meant to be longer.
    package static let elementsMax = 10_000

    private mutating func elements(
        _ name: String,
        isRequired: Bool,
        countMax: Int = Form.elementsMax
    ) -> [JSON]? {
        guard let value = isRequired ? self.required(name) : self.value(name) else { return isRequired ? nil : [] }
        guard case .array(let elements) = value, elements.count <= countMax else {
            self.add(name, "must be a list of at most \(countMax)")
            return nil
        }
        return elements
    }

    /// A list of strings that `read` understands, each once.
    package mutating func list<Element: Hashable>(
        _ name: String,
        isRequired: Bool = false,
        countMax: Int = Form.elementsMax,
        _ detail: String,
        _ read: (String) -> Element?
    ) -> [Element]? {
        guard let elements = self.elements(name, isRequired: isRequired, countMax: countMax) else { return nil }
        var values: [Element] = []
        var seen: Set<Element> = []
        for (index, element) in elements.enumerated() {
            let place = "\(self.place(name))/\(index)"
            guard let value = element.string.flatMap(read) else {
                self.problems.append(FieldProblem(at: place, detail))
                continue
            }
            if seen.insert(value).inserted {
                values.append(value)
            } else {
                self.problems.append(FieldProblem(at: place, "stands in the list already"))
            }
        }
        return values.count == elements.count ? values : nil
    }

    package mutating func names<Subject: SendableMetatype>(
        _ name: String,
        isRequired: Bool = false,
        countMax: Int = Form.elementsMax
    ) -> [Name<Subject>]? {
        self.list(
            name,
            isRequired: isRequired,
            countMax: countMax,
            Self.nameGrammar(segments: Subject.nameSegments),
            Name<Subject>.init
        )
    }

    /// A list of numbers, each once, in thousandths: as they are written, without the rounding of binary fractions.
    package mutating func thousandths(_ name: String, in range: ClosedRange<Int64>, countMax: Int) -> [Int64]? {
        guard let elements = self.elements(name, isRequired: false, countMax: countMax) else { return nil }
        var values: [Int64] = []
        for (index, element) in elements.enumerated() {
            let place = "\(self.place(name))/\(index)"
            guard case .number(let text) = element, let value = DecimalText.read(text, places: 3), range.contains(value)
            else {
                let bounds =
                    "\(JSON.thousandths(range.lowerBound).canonical) to \(JSON.thousandths(range.upperBound).canonical)"
                let detail = "must be a number from \(bounds) with at most three digits after the point"
                self.problems.append(FieldProblem(at: place, detail))
                continue
            }
            if values.contains(value) {
                self.problems.append(FieldProblem(at: place, "stands in the list already"))
            } else {
                values.append(value)
            }
        }
        return values.count == elements.count ? values : nil
    }

    /// A list of objects, each read by a form of its own.
    package mutating func objects<Element>(
        _ name: String,
        isRequired: Bool = false,
        _ read: (inout Form) -> Element?
    ) -> [Element]? {
        guard let elements = self.elements(name, isRequired: isRequired) else { return nil }
        var values: [Element] = []
        for (index, element) in elements.enumerated() {
            var form = Form(element, at: "\(self.place(name))/\(index)")
            if let value = form.isGood ? read(&form) : nil, form.isGood { values.append(value) }
            self.problems += form.problems
        }
        return values.count == elements.count ? values : nil
    }

    /// One object, read by a form of its own; nil if it is absent or bad.
    package mutating func object<Value>(_ name: String, _ read: (inout Form) -> Value?) -> Value? {
        guard let json = self.value(name) else { return nil }
        var form = Form(json, at: self.place(name))
        let value = form.isGood ? read(&form) : nil
        self.problems += form.problems
        return form.isGood ? value : nil
    }

    /// An object whose names are data: each member is read where it stands.
    package mutating func members<Value>(
        _ name: String,
        countMax: Int,
        _ read: (_ name: String, _ value: JSON, _ place: String) -> Result<Value, Refusal>
    ) -> [String: Value]? {
        guard let json = self.value(name) else { return [:] }
        guard case .object(let members) = json, members.count <= countMax else {
            self.add(name, "must be an object of at most \(countMax) members")
            return nil
        }
        var values: [String: Value] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            switch read(key, value, Self.place(key, in: self.place(name))) {
            case .success(let value): values[key] = value
            case .failure(let refusal): self.problems += refusal.problems
            }
        }
        return values.count == members.count ? values : nil
    }

    /// An object of strings.
    package mutating func strings(_ name: String, countMax: Int, bytesMax: Int) -> [String: String]? {
        guard let json = self.value(name) else { return [:] }
        guard case .object(let members) = json, members.count <= countMax else {
            self.add(name, "must be an object of at most \(countMax) strings")
            return nil
        }
        var strings: [String: String] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let text = value.string, !key.isEmpty, !Self.holdsControls(key), !Self.holdsControls(text) else {
                let place = Self.place(key, in: self.place(name))
                let detail = "must be a string without control characters, under a name without them"
                self.problems.append(FieldProblem(at: place, detail))
                continue
            }
            strings[key] = text
        }
        guard strings.count == members.count else { return nil }
        guard strings.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) <= bytesMax else {
            self.add(name, "must hold at most \(bytesMax) bytes in all")
            return nil
        }
        return strings
    }
}
