import Domain
import TestSupport
import Testing
import Wire

struct NodeCallTests {
    @Test func `a join token is read back from its text and refused in every other form`() throws {
        var random = SeededGenerator.printed()
        for pin in [nil, Sample.digest] {
            let token = JoinToken.mint(
                serverKeyPin: pin,
                rootDigest: Sample.digest,
                floor: HeadPosition(epoch: 3, headVersion: 41),
                using: &random
            )
            #expect(JoinToken(token.text) == token)
            #expect(JoinToken(" \(token.text)\n") == token, "as it comes out of a file")
            #expect(token.secretDigest == JoinToken.digest(ofSecret: token.secret))
            #expect(!"\(token)".contains(token.secret), "only its text shows the secret")
            for length in 0..<token.text.utf8.count - 3 { #expect(JoinToken(String(token.text.prefix(length))) == nil) }
            for text in [
                "", "mj1", token.text + ".x", "mj2" + token.text.dropFirst(3), token.text + "x", token.text + ":1",
            ] {
                #expect(JoinToken(text) == nil, "\(text)")
            }
        }
    }

    @Test func `a call is believed only as it was signed`() throws {
        let signer = SigningKey.generate()
        let from = try #require(CallSignature.Caller("node-1;boot-1"))
        let sent = Array("body".utf8)
        let headers = CallSignature.headers(
            method: "POST",
            path: "/node/v1/usage?x=1",
            body: sent,
            caller: from,
            key: signer
        )
        #expect(headers.caller == "node-1;boot-1")
        func isBelieved(
            method: String = "POST",
            path: String = "/node/v1/usage?x=1",
            body: [UInt8] = sent,
            caller: String = headers.caller,
            signature: String = headers.signature,
            key: SigningKey = signer
        ) -> Bool {
            CallSignature.verify(
                method: method,
                path: path,
                body: body,
                caller: caller,
                signature: signature,
                key: key.verifyingKey
            )
        }
        #expect(isBelieved())
        #expect(!isBelieved(method: "GET"))
        #expect(!isBelieved(path: "/node/v1/usage"))
        #expect(!isBelieved(body: sent + [0]))
        #expect(!isBelieved(caller: "node-2;boot-1"))
        #expect(!isBelieved(caller: "node-1;boot-2"))
        #expect(!isBelieved(signature: headers.signature + " "))
        #expect(!isBelieved(signature: ""))
        #expect(!isBelieved(key: .generate()))
    }

    @Test func `a caller is two ids and one semicolon`() {
        for text in ["", ";", "a;", ";b", "a;b;c", "a b;c", "a,b", "a; b"] {
            #expect(CallSignature.Caller(text) == nil, "\(text)")
        }
    }

    @Test func `a secret opens only for its node, name, version and hosts`() throws {
        let key = SealingKey.generate()
        let sealed = try SealedSecret.seal(
            Array("sk-test".utf8),
            name: must(Name("openai-key")),
            version: 2,
            hosts: ["API.openai.com", "eu.openai.com"],
            environment: Sample.environment,
            node: Sample.node,
            to: key.publicKey
        )
        #expect(sealed.hosts == ["api.openai.com", "eu.openai.com"])
        #expect(try sealed.open(environment: Sample.environment, node: Sample.node, with: key) == Array("sk-test".utf8))
        #expect(!sealed.ciphertext.contains(subsequence: Array("sk-test".utf8)))
        let stored = try #require(try SealedSecrets.decode(SealedSecrets([sealed]).encoded()).secrets.first)
        #expect(try stored.open(environment: Sample.environment, node: Sample.node, with: key) == Array("sk-test".utf8))
        #expect(throws: SealedSecret.Failure.self) {
            try sealed.open(environment: Sample.environment, node: must(ID("node-2")), with: key)
        }
        #expect(throws: SealedSecret.Failure.self) {
            try sealed.open(environment: must(ID("staging")), node: Sample.node, with: key)
        }
        #expect(throws: SealedSecret.Failure.self) {
            try sealed.open(environment: Sample.environment, node: Sample.node, with: .generate())
        }
        // Any change on the way or on disk: name, version, hosts, key, ciphertext.
        let bytes = SealedSecrets([sealed]).encoded()
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            do {
                let secrets = try SealedSecrets.decode(changed).secrets
                for secret in secrets {
                    #expect(throws: SealedSecret.Failure.self, "byte \(index)") {
                        try secret.open(environment: Sample.environment, node: Sample.node, with: key)
                    }
                }
            } catch {
                continue
            }
        }
    }

    @Test func `base64 has one spelling`() {
        for text in ["AA", "AA=", "AB==", "A A=", "AAA\n", "====", "AA==AA=="] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
        for bytes in [[], [0], [0xFB, 0xFF], [1, 2, 3]] as [[UInt8]] {
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.decodeURL(Base64.encodeURL(bytes)) == bytes)
        }
        #expect(Base64.decodeURL("+_") == nil)
    }
}

extension [UInt8] {
    fileprivate func contains(subsequence: [UInt8]) -> Bool {
        self.indices.contains { self[$0...].starts(with: subsequence) }
    }
}
