import Domain
import Storage

extension AdminAPI {
    var secretEndpoints: [Endpoint] {
        [
            Endpoint(
                .put,
                "/secrets/{name}/value",
                .operate,
                "Set a secret's value. It is sealed, and no reply, log or export ever shows it. Adding a host to the "
                    + "secret, or archiving it, drops the value: who knows it sets it again.",
                body: "SecretValue",
                reply: "SecretItem",
                bodyBytesMax: Self.secretBodyBytesMax,
                .write(self.setSecret)
            )
        ]
    }

    private static let secretBodyBytesMax = 128 << 10
    private static let secretBytesMax = 64 << 10

    @Sendable private func setSecret(_ call: Call, _ transaction: Transaction, _ effects: inout Effects) throws -> Reply
    {
        let text = call.parameter("name")
        _ = try transaction.reading.standing(.secrets, text)
        guard let name = Name<Secret>(text) else { throw Problem.notFound("secret \(text)") }
        var form = Form(call.bodyOrEmpty)
        let value = form.text("value", lengthMax: Self.secretBytesMax)
        form.finish()
        guard let value, form.isGood else { throw Refusal(problems: form.problems) }
        let version = try transaction.reading.nextSecretVersion(name)
        let sealed = try self.services.secrets.seal(Array(value.utf8), of: name, version: version)
        try self.services.secrets.keep(sealed, of: name, version: version, in: transaction, by: call.deed())
        effects.contentChanged = true
        return Reply(200, try self.json(of: .secrets, text, transaction.reading))
    }
}
