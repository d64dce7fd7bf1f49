internal import Glibc

/// Asks somebody for the addresses of a name, and blocks its thread meanwhile. The tests' one answers from a script.
protocol NameLookup: Sendable {
    /// In the order in which they are to be tried (RFC 6724).
    func addresses(of name: String) -> Result<[HostAddress], AddressBook.Failure>
}

extension AddressBook.Failure: Error {}

/// The system's resolver: hosts file, DNS and whatever else the machine is set up for.
struct SystemLookup: NameLookup {
    /// More addresses of one name are not tried.
    private static let addressesMax = 32

    func addresses(of name: String) -> Result<[HostAddress], AddressBook.Failure> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(name, nil, &hints, &list)
        guard status == 0 else {
            return .failure(status == EAI_NONAME || status == Self.noData ? .absent : .unavailable)
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [HostAddress] = []
        var next = unsafe list
        while let entry = unsafe next, addresses.count < Self.addressesMax {
            if let address = unsafe Self.address(entry.pointee), !addresses.contains(address) {
                addresses.append(address)
            }
            unsafe next = entry.pointee.ai_next
        }
        return .success(addresses)
    }

    /// Glibc keeps it from programs that do not ask for GNU's names.
    private static let noData: Int32 = -5

    /// The address's own bytes lie behind family and port, in IPv6 also behind the flow.
    private static func address(_ entry: addrinfo) -> HostAddress? {
        guard let pointer = unsafe entry.ai_addr else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: Int(entry.ai_addrlen))
        return switch unsafe entry.ai_family {
        case AF_INET: unsafe HostAddress(Array(bytes.dropFirst(4).prefix(4)))
        case AF_INET6: unsafe HostAddress(Array(bytes.dropFirst(8).prefix(16)))
        default: nil
        }
    }
}
