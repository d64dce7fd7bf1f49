import Storage

/// The shapes of bodies and replies, by name. A field's type is written as a word: `text`, `integer`, `flag`, `time`,
/// `money`, a schema's name, or any of these in brackets for a list; a `?` at the end means that it may be left out.
enum OpenAPISchemas {
    static var all: [String: JSON] {
        var schemas: [String: JSON] = [:]
        for (name, fields) in self.bodies.merging(self.replies, uniquingKeysWith: { first, _ in first }) {
            schemas[name] = self.object(fields)
        }
        for kind in Kind.allCases {
            let name = AdminAPI.schema(of: kind)
            let extras = self.itemFields.merging(self.itemExtras[name] ?? [:]) { _, own in own }
            let item = (self.bodies[name] ?? [:]).merging(extras) { _, server in server }
            schemas["\(name)Item"] = self.object(item, isClosed: false)
        }
        for (name, fields) in self.shown {
            let item = self.bodies[name] ?? [:]
            schemas["\(name)Shown"] = self.object(item.merging(fields) { _, shown in shown }, isClosed: false)
        }
        for name in self.pages {
            let fields = [
                "items": "[\(name == "Revision" || name == "AuditEntry" ? name : name + "Item")]", "next": "text?",
            ]
            schemas["\(name == "AuditEntry" ? "Audit" : name)Page"] = self.object(fields)
        }
        schemas["Metadata"] = .object(["type": "object", "additionalProperties": .object(["type": "string"])])
        schemas["Counts"] = .object(["type": "object", "additionalProperties": .object(["type": "integer"])])
        let words: JSON = .object(["type": "array", "items": .object(["type": "string"])])
        schemas["TeamRoles"] = .object(["type": "object", "additionalProperties": words])
        schemas["Any"] = .bool(true)
        return schemas
    }

    /// USD per million tokens, by kind.
    private static let rates = [
        "input": "money", "cachedInput": "money?", "cacheWrite": "money?", "cacheWrite1h": "money?",
        "inputAudio": "money?", "inputImage": "money?", "output": "money", "reasoning": "money?",
        "outputAudio": "money?", "outputImage": "money?",
    ]

    private static let bodies: [String: [String: String]] = [
        "Team": ["name": "text", "metadata": "Metadata?"],
        "Role": ["name": "text", "routes": "[text]?", "models": "[text]?", "explain": "flag?"],
        "Key": ["team": "text", "roles": "[text]?", "expires": "time?", "description": "text?"],
        "Secret": ["name": "text", "hosts": "[text]"],
        "Provider": [
            "name": "text", "dialect": "text", "baseUrl": "text", "region": "text?", "jurisdictions": "[text]?",
            "credential": "Credential?",
        ],
        "Credential": ["secret": "text?", "env": "text?", "file": "text?"],
        "Model": [
            "name": "text", "upstream": "text", "price": "Price?", "context": "integer", "maxOutput": "integer",
            "capabilities": "[text]?", "overheadTokens": "integer?", "imageTokensMax": "integer?",
        ],
        "Price": rates.merging([
            "perCall": "money?", "from": "time?", "tiers": "[PriceTier]?", "serviceTiers": "ServiceTiers?",
        ]) { $1 },
        "PriceTier": rates.merging(["aboveInputTokens": "integer"]) { $1 },
        "ServiceTiers": [
            "batch": "ServiceTierPrice?", "flex": "ServiceTierPrice?", "priority": "ServiceTierPrice?",
        ],
        "ServiceTierPrice": rates.merging(["tiers": "[PriceTier]?"]) { $1 },
        "Route": [
            "name": "text", "rules": "[Rule]", "maxOutput": "integer?", "timeouts": "Timeouts?",
            "retryBilled": "flag?", "hangUp": "text?",
        ],
        "Rule": ["use": "[text]", "fallback": "[text]?"],
        "Timeouts": [
            "connectMs": "integer?", "firstByteStreamedMs": "integer?", "firstByteWholeMs": "integer?",
            "betweenChunksMs": "integer?", "totalMs": "integer?",
        ],
        "Prompt": [
            "name": "text", "versions": "[PromptVersion]", "labels": "Any?", "protected": "[text]?",
            "allowSystem": "flag?",
        ],
        "PromptVersion": [
            "messages": "[PromptMessage]", "partials": "Metadata?", "variables": "Any?", "parameters": "Any?",
            "notes": "text?",
        ],
        "PromptMessage": ["role": "text", "content": "text"],
        "PromptLabelTarget": ["version": "integer?", "weights": "Counts?", "by": "text?"],
        "PromptRollback": ["label": "text?"],
        "PromptTest": ["version": "integer?", "label": "text?", "user": "text?", "variables": "Any?"],
        "Principal": ["name": "text", "roles": "[text]?", "teams": "TeamRoles?"],
        "Issuer": [
            "name": "text", "issuer": "text", "audiences": "[text]", "keysUrl": "text?", "subject": "text?",
            "rules": "[ClaimRule]?", "applications": "[ApplicationRule]?", "console": "ConsoleClient?",
        ],
        "Budget": [
            "name": "text", "scope": "Scope?", "per": "text?", "amount": "money", "window": "text", "timeZone": "text?",
            "hard": "flag?", "cutoff": "flag?", "thresholds": "[number]?",
        ],
        "Limit": [
            "name": "text", "scope": "Scope?", "per": "text?", "requestsPerMinute": "integer?",
            "tokensPerMinute": "integer?", "concurrent": "integer?",
        ],
        "Scope": [
            "team": "text?", "key": "text?", "route": "text?", "model": "text?", "provider": "text?", "task": "text?",
            "metadata": "Metadata?",
        ],
        "ApplicationRule": ["claim": "text", "value": "text", "team": "text", "roles": "[text]"],
        "ConsoleClient": ["clientId": "text", "secret": "text?", "scopes": "[text]?"],
        "ClaimRule": ["claim": "text", "value": "text", "roles": "[text]?", "teams": "TeamRoles?"],
        "Bundle": [
            "teams": "[Team]?", "roles": "[Role]?", "secrets": "[Secret]?", "providers": "[Provider]?",
            "models": "[Model]?", "routes": "[Route]?", "prompts": "[Prompt]?", "budgets": "[Budget]?",
            "limits": "[Limit]?",
        ],
        "Reason": ["reason": "text?"],
        "KeyRotation": ["overlapSeconds": "integer?"],
        "SecretValue": ["value": "text"],
        "TokenRequest": ["expires": "time?", "roles": "[text]?", "teams": "TeamRoles?"],
        "JoinTokenRequest": ["uses": "integer?", "ttlSeconds": "integer?", "pool": "text?"],
    ]

    private static let itemFields = [
        "revision": "integer", "state": "text", "author": "text", "created": "time", "inForce": "integer?",
    ]

    private static let itemExtras = [
        "Key": ["id": "text", "texts": "[KeyText]"], "Secret": ["version": "integer?"],
        "Model": ["proposal": "text?"], "Provider": ["proposal": "text?"],
        "Budget": ["proposal": "text?", "status": "BudgetStatus?"], "Limit": ["proposal": "text?"],
        "Prompt": ["proposal": "text?", "labelsInForce": "Any"],
    ]

    /// Replies that show a text once.
    private static let shown: [String: [String: String]] = [
        "Key": ["id": "text", "key": "text?", "revision": "integer", "state": "text"],
        "Principal": ["token": "text?", "tokenId": "text?", "revision": "integer", "state": "text"],
        "Token": [
            "id": "text", "principal": "text", "created": "time", "expires": "time?", "token": "text?",
            "atMost": "Ceiling?",
        ],
        "JoinToken": ["id": "text", "expires": "time", "uses": "integer", "token": "text?"],
    ]

    private static let pages = [
        "Team", "Role", "Key", "Secret", "Provider", "Model", "Route", "Prompt", "PromptVersion", "Principal", "Issuer",
        "Budget", "BudgetAccount", "Limit",
        "Token",
        "Proposal",
        "Snapshot", "Node", "Revision", "AuditEntry", "PromptOutline",
    ]

    private static let replies: [String: [String: String]] = [
        "BudgetStatus": [
            "window": "BudgetWindow", "units": "integer?", "limit": "money", "posted": "money", "pending": "money",
            "unconfirmed": "money", "overspent": "money", "available": "money", "leases": "[NodeLoan]?",
        ],
        "BudgetWindow": ["name": "text", "start": "time", "end": "time?"],
        "NodeLoan": [
            "node": "text", "leases": "integer", "granted": "money", "returned": "money", "used": "money",
            "posted": "money", "pending": "money",
        ],
        "BudgetAccountItem": [
            "unit": "text", "window": "BudgetWindow", "limit": "money", "posted": "money", "pending": "money",
            "unconfirmed": "money", "overspent": "money", "available": "money",
        ],
        "BudgetSpend": [
            "unit": "text", "window": "BudgetWindow", "limit": "money", "stepSeconds": "integer",
            "steps": "[BudgetStep]",
        ],
        "BudgetStep": ["start": "time", "posted": "money"],
        "KeyText": ["created": "time", "expires": "time?"],
        "Revision": ["revision": "integer", "state": "text", "author": "text", "created": "time", "content": "Any"],
        "TokenItem": [
            "id": "text", "principal": "text", "created": "time", "expires": "time?", "revoked": "time?",
            "atMost": "Ceiling?",
        ],
        "Ceiling": ["roles": "[text]", "teams": "TeamRoles?"],
        "Me": ["name": "text", "roles": "[text]", "teams": "TeamRoles?"],
        "ProposalItem": [
            "id": "text", "kind": "text", "name": "text", "revision": "integer", "state": "text", "author": "text",
            "created": "time", "decided": "time?", "approvalsRequired": "integer", "approvals": "integer",
            "votes": "[Vote]", "writers": "[text]?", "content": "Any?", "diff": "[Difference]?",
            "texts": "[PromptNews]?",
        ],
        "PromptNews": ["label": "text", "from": "integer?", "to": "integer", "lines": "[text]"],
        "Evidence": [
            "model": "text", "state": "text", "inForceSince": "time?", "decisions": "[Decision]",
            "routes": "[RouteUse]", "auditHead": "AuditHead?",
        ],
        "Decision": [
            "time": "time", "state": "text", "revision": "integer", "actor": "text", "terms": "Any",
            "proposal": "ProposalItem?",
        ],
        "RouteUse": ["route": "text", "since": "time", "author": "text", "revision": "integer"],
        "Vote": ["principal": "text", "verdict": "text", "reason": "text", "time": "time"],
        "Difference": ["path": "text", "before": "Any", "after": "Any"],
        "ApplyReport": ["dryRun": "flag", "changes": "[Change]", "waiting": "[Waiting]"],
        "Change": [
            "kind": "text", "name": "text", "action": "text", "state": "text", "revision": "integer",
            "diff": "[Difference]", "proposal": "text?", "overtaken": "text?",
        ],
        "Waiting": [
            "kind": "text", "name": "text", "detail": "text", "approvalsRequired": "integer", "approvals": "integer",
            "proposal": "text?",
        ],
        "AuditEntry": [
            "number": "integer", "time": "time", "actor": "text", "action": "text", "subject": "text",
            "before": "text?", "after": "text?", "detail": "Any", "reason": "text", "request": "text",
            "previous": "text", "hash": "text",
        ],
        "AuditVerdict": [
            "isValid": "flag", "entries": "integer?", "head": "text?", "witnesses": "integer", "firstBad": "integer?",
            "detail": "text?",
        ],
        "SnapshotItem": [
            "seq": "integer", "epoch": "integer", "headVersion": "integer", "published": "time", "author": "text",
            "comment": "text", "sha256": "text", "isCurrent": "flag", "auditHead": "AuditHead?", "counts": "Counts",
        ],
        "AuditHead": ["number": "integer", "hash": "text"],
        "NodeItem": [
            "id": "text", "name": "text", "pool": "text", "state": "text", "enrolled": "time", "lastSeen": "time?",
            "snapshot": "text?", "isCurrent": "flag", "spooled": "integer?", "refusal": "text", "version": "text",
            "warnings": "[text]",
        ],
        "UsageReport": ["by": "[text]", "from": "time", "to": "time", "stepSeconds": "integer?", "rows": "[UsageRow]"],
        "UsageOverview": [
            "from": "time", "to": "time", "stepSeconds": "integer", "total": "[UsageRow]", "steps": "[UsageRow]",
            "models": "[UsageRow]", "teams": "[UsageRow]",
        ],
        "UsageRow": [
            "start": "time", "exchanges": "integer", "attempts": "integer", "answered": "integer",
            "failed": "integer", "denied": "integer", "unconfirmed": "integer", "inputTokens": "integer?",
            "cachedInputTokens": "integer?", "cacheWriteTokens": "integer?", "cacheWrite1hTokens": "integer?",
            "inputAudioTokens": "integer?", "inputImageTokens": "integer?", "outputTokens": "integer?",
            "reasoningTokens": "integer?", "outputAudioTokens": "integer?", "outputImageTokens": "integer?",
            "costUsd": "money", "latencyMs": "Latency",
            "firstTokenMs": "Latency", "unknownCounts": "integer", "costMismatches": "integer",
            "team": "text?", "key": "text?", "user": "text?", "route": "text?", "model": "text?", "provider": "text?",
            "task": "text?", "prompt": "text?",
        ],
        "PromptVersionItem": [
            "number": "integer", "digest": "text", "author": "text", "created": "time", "labels": "[text]",
            "messages": "[PromptMessage]", "partials": "Metadata?", "variables": "Any?", "parameters": "Any?",
            "notes": "text?",
        ],
        "PromptOutlineItem": [
            "name": "text", "revision": "integer", "state": "text", "author": "text", "created": "time",
            "versionCount": "integer", "labelsInForce": "Any", "proposal": "text?",
        ],
        "RenderedPrompt": ["version": "integer", "messages": "[PromptMessage]", "parameters": "Any"],
        "PromptDifference": ["from": "integer", "to": "integer", "fields": "[Difference]", "lines": "[text]"],
        "Latency": ["p50": "number?", "p90": "number?", "p95": "number?", "p99": "number?"],
        "Status": [
            "environment": "text", "snapshot": "text?", "lastPublishError": "text?", "nodes": "Counts",
            "proposals": "Counts", "approvalsRequired": "integer",
        ],
        "Problem": [
            "type": "text", "title": "text", "status": "integer", "detail": "text", "instance": "text",
            "errors": "[ProblemField]",
        ],
        "ProblemField": ["pointer": "text", "detail": "text"],
    ]

    private static func object(_ fields: [String: String], isClosed: Bool = true) -> JSON {
        let required = fields.filter { !$0.value.hasSuffix("?") }.keys.sorted()
        return .object([
            "type": "object", "properties": .object(fields.mapValues(self.field)),
            "required": .array(required.map(JSON.string)), "additionalProperties": .bool(!isClosed),
        ])
    }

    private static func field(_ word: String) -> JSON {
        if word.hasSuffix("?") {
            let inner = self.field(String(word.dropLast()))
            return .object(["anyOf": .array([inner, .object(["type": "null"])])])
        }
        if word.hasPrefix("[") {
            return .object(["type": "array", "items": self.field(String(word.dropFirst().dropLast()))])
        }
        return switch word {
        case "text": .object(["type": "string"])
        case "integer": .object(["type": "integer", "format": "int64"])
        case "number": .object(["type": "number"])
        case "flag": .object(["type": "boolean"])
        case "time": .object(["type": "string", "format": "date-time"])
        case "money": .object(["type": "string", "pattern": #"^[0-9]+(\.[0-9]{1,9})?$"#])
        default: .object(["$ref": .string("#/components/schemas/\(word)")])
        }
    }
}
