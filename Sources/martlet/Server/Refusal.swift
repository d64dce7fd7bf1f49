import Foundation
import Platform

/// Why a command did not do what it was asked: lines for the person and an exit code for the script.
struct Refusal: Error, CustomStringConvertible {
    let exit: ExitStatus
    let lines: [String]
    /// Of the control plane's answer; nil where there was none.
    let status: Int?

    var description: String { self.lines.joined(separator: "\n") }

    init(exit: ExitStatus, lines: [String]) {
        self.exit = exit
        self.lines = lines
        self.status = nil
    }

    /// Reads a problem document (RFC 9457): its detail, and one line per pointer.
    init(_ response: OutgoingResponse) {
        let problem: JSONValue
        do {
            problem = try JSONDecoder().decode(JSONValue.self, from: Data(response.body))
        } catch {
            // Not ours: a proxy's page, say. Its status is all that is worth showing.
            problem = .null
        }
        let title = problem["detail"].string ?? problem["title"].string ?? "the control plane answered"
        // An error about the whole request that only repeats the detail says nothing new.
        let located = problem["errors"].array.filter {
            !($0["pointer"].string ?? "").isEmpty || $0["detail"].string != title
        }
        let errors = located.map { entry in
            "  \(entry["pointer"].string ?? ""): \(entry["detail"].string ?? "")"
        }
        self.lines = (["\(title) (HTTP \(response.status))"] + errors).map { JSONText.escaped($0) }
        self.status = response.status
        self.exit =
            switch response.status {
            case 401, 403: .configuration
            // Too slow, or too many at once: the same command may go well later.
            case 408, 429: .unavailable
            case 400..<500: .usage
            default: .unavailable
            }
    }

    static func unreachable(_ url: String, _ fault: OutgoingFault) -> Refusal {
        Refusal(exit: .unavailable, lines: ["cannot reach the control plane at \(url): \(fault.detail)"])
    }
}
