/// A body that each schema takes, as the OpenAPI document shows it. A test sends every one of them.
enum OpenAPIExamples {
    static let bodies: [String: JSON] = [
        "Team": ["name": "legal", "metadata": ["data_class": "internal"]],
        "Role": ["name": "everyone", "routes": ["*"], "models": [], "explain": true],
        "Key": ["team": "legal", "roles": ["everyone"], "description": "contract review"],
        "Secret": ["name": "openai-key", "hosts": ["api.openai.com"]],
        "Provider": [
            "name": "openai", "dialect": "openai", "baseUrl": "https://api.openai.com/v1", "region": "us-east",
            "jurisdictions": ["US"], "credential": ["secret": "openai-key"],
        ],
        "Model": [
            "name": "openai/gpt-4o", "upstream": "gpt-4o", "context": 128_000, "maxOutput": 16_384,
            "price": [
                "input": "2.50", "cachedInput": "1.25", "output": "10.00",
                "tiers": [["aboveInputTokens": 64_000, "input": "5.00", "output": "15.00"]],
                "serviceTiers": ["batch": ["input": "1.25", "output": "5.00"]],
            ],
            "capabilities": ["chat", "stream"], "overheadTokens": 0, "imageTokensMax": 1_500,
        ],
        "Route": ["name": "assistant", "maxOutput": 512, "rules": [["use": ["openai/gpt-4o"]]]],
        "Prompt": [
            "name": "greeting", "versions": [["messages": [["role": "system", "content": "Greet {{who}}."]]]],
            "labels": ["staging": 1],
        ],
        "PromptVersion": [
            "messages": [["role": "system", "content": "Greet {{who}}, briefly."]],
            "variables": ["type": "object", "required": ["who"], "properties": ["who": ["type": "string"]]],
            "parameters": ["temperature": 0], "notes": "shorter",
        ],
        "PromptLabelTarget": ["weights": ["1": 90, "2": 10], "by": "user"],
        "PromptRollback": ["label": "staging"],
        "PromptTest": ["version": 1, "variables": ["who": "Ann"]],
        "Principal": ["name": "ann", "roles": ["viewer"], "teams": ["legal": ["author"]]],
        "TokenRequest": ["roles": ["viewer"]],
        "Issuer": [
            "name": "corp", "issuer": "https://login.example.com/realms/corp", "audiences": ["martlet"],
            "subject": "email",
            "rules": [["claim": "groups", "value": "platform", "roles": ["author", "approver"]]],
            "applications": [["claim": "azp", "value": "ci-runner", "team": "legal", "roles": ["everyone"]]],
            "console": ["clientId": "martlet", "scopes": ["openid", "email", "groups"]],
        ],
        "Budget": [
            "name": "legal-month", "scope": ["team": "legal"], "per": "none", "amount": "25.00", "window": "month",
            "timeZone": "Europe/Berlin", "hard": true, "cutoff": false,
            "thresholds": [.thousandths(500), .thousandths(800), .thousandths(1_000)],
        ],
        "Limit": [
            "name": "legal-rate", "scope": ["team": "legal"], "per": "user", "requestsPerMinute": 600,
            "tokensPerMinute": 200_000, "concurrent": 50,
        ],
        "Bundle": ["teams": [["name": "legal"]], "roles": [["name": "everyone", "routes": ["assistant"]]]],
        "Reason": ["reason": "reviewed with security"],
        "KeyRotation": ["overlapSeconds": 3_600],
        "SecretValue": ["value": "sk-example"],
        "JoinTokenRequest": ["uses": 3, "ttlSeconds": 600, "pool": "default"],
    ]

    /// Of an item of a collection.
    static let names: [String: String] = [
        "teams": "legal", "roles": "everyone", "keys": "key_0123456789abcdef0123", "secrets": "openai-key",
        "providers": "openai", "models": "openai/gpt-4o", "routes": "assistant", "prompts": "greeting",
        "principals": "ann", "issuers": "corp", "budgets": "legal-month", "limits": "legal-rate",
        "proposals": "p_0123456789abcdef0123",
        "nodes": "n_0123456789abcdef0123",
        "snapshots": "7",
    ]

    static let parameters: [String: JSON] = [
        "limit": "50", "label": "staging", "number": "1", "state": "open", "by": "team,model",
        "from": "2027-01-01T00:00:00Z", "to": "2027-02-01T00:00:00Z", "step": "1d", "dryRun": "true",
        "If-Match": "\"3\"", "subject": "model/openai/gpt-4o", "actor": "ann", "action": "model.approved",
        "window": "month/2026-11", "unit": "ann",
    ]

    /// What might stand for the parameter of this name in `path`; nil where an example would say nothing.
    static func value(of parameter: String, in path: String) -> JSON? {
        let collection = path.split(separator: "/").first.map(String.init) ?? ""
        if ["name", "id", "seq"].contains(parameter), !path.contains("/tokens/") {
            return self.names[collection].map(JSON.string)
        }
        return self.parameters[parameter]
    }
}
