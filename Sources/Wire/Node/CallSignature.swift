package import Domain

/// How a node proves who calls: a signature over the call, not over the connection.
package enum CallSignature {
    package static let callerHeader = "martlet-node"
    package static let signatureHeader = "martlet-signature"

    /// Who calls, as the header `martlet-node: <node>;<boot>` says.
    package struct Caller: Hashable, Sendable {
        package let node: ID<Node>
        package let boot: ID<Boot>

        package init(node: ID<Node>, boot: ID<Boot>) {
            self.node = node
            self.boot = boot
        }

        /// Nil unless `text` is two ids with one semicolon between.
        package init?(_ text: String) {
            let parts = text.split(separator: ";", omittingEmptySubsequences: false)
            guard parts.count == 2, let node = ID<Node>(String(parts[0])), let boot = ID<Boot>(String(parts[1])) else {
                return nil
            }
            self.init(node: node, boot: boot)
        }

        package var text: String { "\(self.node);\(self.boot)" }
    }

    /// The values of both headers. `path` holds the query as it goes over the wire.
    package static func headers(
        method: String,
        path: String,
        body: [UInt8],
        caller: Caller,
        key: SigningKey
    ) -> (caller: String, signature: String) {
        let message = self.message(method: method, path: path, body: body, caller: caller.text)
        return (caller.text, Base64.encode(key.signature(over: message)))
    }

    /// `caller` and `signature` are the headers' values as they came.
    package static func verify(
        method: String,
        path: String,
        body: [UInt8],
        caller: String,
        signature: String,
        key: VerifyingKey
    ) -> Bool {
        guard let bytes = Base64.decode(signature) else { return false }
        return key.verifies(bytes, over: self.message(method: method, path: path, body: body, caller: caller))
    }

    private static func message(method: String, path: String, body: [UInt8], caller: String) -> [UInt8] {
        let lines = [method, path, caller, Digest.sha256(of: body).hex]
        return PAE.encode(type: PayloadType.call.rawValue, payload: Array(lines.joined(separator: "\n").utf8))
    }
}
