import CCurl

/// One call under way, alive only on the client's own thread: libcurl's easy handle, what it needs kept, and what
/// has come of the reply so far.
@safe final class Transfer {
    typealias Finish = @Sendable (Result<OutgoingResponse, OutgoingFault>) -> Void

    /// All head lines of one reply together.
    static let headBytesMax = 64 * 1024

    let id: UInt64
    let easy: UnsafeMutableRawPointer
    private let replyBytesMax: Int
    private let finish: Finish
    private let errorRoom: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?

    private var headers: [OutgoingHeader] = []
    private var headBytes = 0
    private var isHeadComplete = false
    private var body: [UInt8] = []
    /// Set when a bound was passed: libcurl then only knows that we took no more bytes.
    private var overrun: OutgoingFault?

    init(
        id: UInt64,
        _ request: OutgoingRequest,
        _ client: OutgoingOptions,
        finish: @escaping Finish
    ) throws(OutgoingFault) {
        guard let easy = unsafe curl_easy_init() else { throw OutgoingFault(.overloaded, "no memory for a transfer") }
        self.id = id
        unsafe self.easy = unsafe easy
        self.replyBytesMax = request.replyBytesMax
        self.finish = finish
        unsafe self.errorRoom = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe self.errorRoom.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe self.headerList = nil
        try self.prepare(request, client)
    }

    deinit {
        unsafe curl_easy_cleanup(self.easy)
        unsafe curl_slist_free_all(self.headerList)
        unsafe self.errorRoom.deallocate()
    }

    /// Reports the end, once.
    func end(_ code: CURLcode) {
        if let overrun { return self.finish(.failure(overrun)) }
        guard code == CURLE_OK else {
            let written = unsafe String(cString: self.errorRoom)
            let detail = unsafe written.isEmpty ? String(cString: curl_easy_strerror(code)) : written
            return self.finish(.failure(OutgoingFault(code, detail: detail)))
        }
        // libcurl takes a connection that closes in the middle of the head for an empty reply.
        guard self.isHeadComplete else {
            return self.finish(.failure(OutgoingFault(.truncated, "the reply ended within its head")))
        }
        let status = unsafe ccurl_status(self.easy)
        self.finish(.success(OutgoingResponse(status: status, headers: self.headers, body: self.body)))
    }

    func abandon(_ fault: OutgoingFault) { self.finish(.failure(fault)) }

    // MARK: - What libcurl hands over

    /// A whole head line, also of 1xx heads and of trailers. False aborts the transfer.
    fileprivate func take(headLine bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        self.headBytes += bytes.count
        guard self.headBytes <= Self.headBytesMax else {
            self.overrun = OutgoingFault(.tooLarge, "the reply's head is larger than \(Self.headBytesMax) bytes")
            return false
        }
        if line.hasPrefix("HTTP/") {
            self.headers = []
            self.isHeadComplete = false
        } else if line == "\r\n" || line == "\n" {
            self.isHeadComplete = true
        } else if !self.isHeadComplete, let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let trimmed = value.utf8.reversed().drop { [0x20, 0x09, 0x0D, 0x0A].contains($0) }.reversed()
            self.headers.append(OutgoingHeader(String(line[..<colon]), String(decoding: Array(trimmed), as: UTF8.self)))
        }
        return true
    }

    fileprivate func take(body bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count <= self.replyBytesMax - self.body.count else {
            self.overrun = OutgoingFault(.tooLarge, "the reply's body is larger than \(self.replyBytesMax) bytes")
            return false
        }
        unsafe self.body.append(contentsOf: bytes)
        return true
    }

    // MARK: - Setting it up

    private func prepare(_ request: OutgoingRequest, _ client: OutgoingOptions) throws(OutgoingFault) {
        let scheme = request.url.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https" else { throw OutgoingFault(.invalid, "only http and https URLs") }
        try self.set(CURLOPT_URL, request.url)
        try self.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try self.set(CURLOPT_FOLLOWLOCATION, 0)
        // Signals and timers of the C library do not belong in a process with other threads.
        try self.set(CURLOPT_NOSIGNAL, 1)
        try self.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try self.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try self.set(CURLOPT_TIMEOUT_MS, Int(clamping: max(1, request.timeout.wholeMilliseconds)))
        try self.set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: max(1, client.connectTimeout.wholeMilliseconds)))
        try self.set(CURLOPT_USERAGENT, client.userAgent)
        if let path = request.unixSocket { try self.set(CURLOPT_UNIX_SOCKET_PATH, path) }
        try self.setMethod(request)
        try self.setTrust(request.trust ?? client.trust)
        try self.setProxy(client.proxy)
        try self.setHeaders(request)
        unsafe try self.check(ccurl_set_error_room(self.easy, self.errorRoom))
        // The client keeps this transfer in its table until libcurl has let go of the handle.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe try self.check(ccurl_set_receivers(self.easy, receiveHead, receiveBody, context))
    }

    private func setMethod(_ request: OutgoingRequest) throws(OutgoingFault) {
        let carriesBody: Bool
        switch request.method {
        case .get, .head, .delete: carriesBody = !request.body.isEmpty
        case .post, .put, .patch: carriesBody = true
        }
        if carriesBody {
            let code = unsafe request.body.withUnsafeBytes {
                unsafe ccurl_set_body(self.easy, $0.baseAddress, $0.count)
            }
            try self.check(code)
        }
        if request.method == .head { try self.set(CURLOPT_NOBODY, 1) }
        if request.method != .get || carriesBody { try self.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }

    private func setTrust(_ trust: ServerTrust) throws(OutgoingFault) {
        switch trust {
        case .authorities(let bundle):
            if let bundle { try self.set(CURLOPT_CAINFO, bundle) }
        case .authoritiesAndKey(let bundle, let pin):
            if let bundle { try self.set(CURLOPT_CAINFO, bundle) }
            try self.set(CURLOPT_PINNEDPUBLICKEY, pin)
        case .key(let pin):
            // libcurl compares the pin also when it checks nothing else.
            try self.set(CURLOPT_PINNEDPUBLICKEY, pin)
            try self.set(CURLOPT_SSL_VERIFYPEER, 0)
            try self.set(CURLOPT_SSL_VERIFYHOST, 0)
        }
    }

    private func setProxy(_ proxy: OutgoingOptions.Proxy) throws(OutgoingFault) {
        switch proxy {
        case .environment: break
        case .none: try self.set(CURLOPT_PROXY, "")
        case .url(let url): try self.set(CURLOPT_PROXY, url)
        }
    }

    private func setHeaders(_ request: OutgoingRequest) throws(OutgoingFault) {
        // libcurl's own ideas, switched off: it would wait a second for a 100, and call a body a form.
        var lines = ["Expect:"]
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        for header in request.headers {
            guard header.isWellFormed else { throw OutgoingFault(.invalid, "header \(header.name) is not well-formed") }
            // "Name:" would remove the header; "Name;" sends it empty.
            lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        for line in lines {
            guard let longer = unsafe curl_slist_append(self.headerList, line) else {
                throw OutgoingFault(.overloaded, "no memory for a header")
            }
            unsafe self.headerList = unsafe longer
        }
        unsafe try self.check(ccurl_set_list(self.easy, CURLOPT_HTTPHEADER, self.headerList))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(OutgoingFault) {
        try self.check(unsafe ccurl_set_long(self.easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(OutgoingFault) {
        guard !value.utf8.contains(0) else { throw OutgoingFault(.invalid, "an option holds a zero byte") }
        try self.check(unsafe ccurl_set_string(self.easy, option, value))
    }

    private func check(_ code: CURLcode) throws(OutgoingFault) {
        guard code != CURLE_OK else { return }
        throw OutgoingFault(.invalid, unsafe String(cString: curl_easy_strerror(code)))
    }
}

private func receiveHead(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe receive(bytes, size * count, context) { unsafe $0.take(headLine: $1) }
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe receive(bytes, size * count, context) { unsafe $0.take(body: $1) }
}

/// Taking 0 of some bytes aborts the transfer.
private func receive(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?,
    _ take: (Transfer, UnsafeBufferPointer<UInt8>) -> Bool
) -> Int {
    guard count > 0, let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return unsafe bytes.withMemoryRebound(to: UInt8.self, capacity: count) { start in
        unsafe take(transfer, UnsafeBufferPointer(start: start, count: count)) ? count : 0
    }
}
