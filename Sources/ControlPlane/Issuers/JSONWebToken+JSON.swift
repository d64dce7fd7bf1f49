import Domain
import Wire

extension JSONWebToken {
    init(_ text: String) throws(SignInFault) {
        self = try SignInFault.wrapping { () throws(TokenFlaw) in
            try JSONWebToken(Array(text.utf8)) { bytes in
                // Nil says it: the flaw names what a token is made of.
                guard let json = try? JSON.parse(bytes), case .object(let members) = json.jsonValue(depth: 0) else {
                    return nil
                }
                return members
            }
        }
    }
}
