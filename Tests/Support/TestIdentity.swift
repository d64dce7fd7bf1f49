/// Two self-signed identities for `localhost` and 127.0.0.1, made for these tests and known to the whole world.
package struct TestIdentity: Sendable {
    package let certificate: String
    package let key: String
    /// SHA-256 of the public key, as libcurl writes a pin.
    package let pin: String

    package static let one = TestIdentity(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBnDCCAUGgAwIBAgIUONqeB3VqxJq6taAGEwbNjI4keV4wCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE5MzkyMFoYDzIxMjYxMDMx
            MTkzOTIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAASOhYxcBrf991FVhtGEEosYDz8duL6zwCfeD+zOf1tb3K+cB9eUm0h2
            stmrNMvJaec9aasbBhr8nX9fwyUA3qNso28wbTAdBgNVHQ4EFgQUvNCAMxV2Eglo
            hW8rpXXWL+Gks80wHwYDVR0jBBgwFoAUvNCAMxV2EglohW8rpXXWL+Gks80wDwYD
            VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
            zj0EAwIDSQAwRgIhANo9I7I0rNzO1u4BHyAo7JQ+KteEHR+efanehqfyb0M/AiEA
            8AfOe/nStDDzsF5OuLz0de9Wa5bIsdrdcqx7A/dRu0w=
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgL9pNyCa6lN2TKE0j
            E+bYRkPrnzbrUCZeKN1gUZF64JyhRANCAASOhYxcBrf991FVhtGEEosYDz8duL6z
            wCfeD+zOf1tb3K+cB9eUm0h2stmrNMvJaec9aasbBhr8nX9fwyUA3qNs
            -----END PRIVATE KEY-----
            """,
        pin: "sha256///tPbo0l5w7azMe4x2h+Pa8ZLyjJcSSxBqjbXmLb9pTk="
    )

    package static let two = TestIdentity(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBnDCCAUGgAwIBAgIUJ3hzXWDYCzFkIML8uRiETG9S18AwCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE5MzkyMFoYDzIxMjYxMDMx
            MTkzOTIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAASqdQy8HBodFNefpMuOfkip2nEhaLYn9s0dlOMZeFsSZWZNNIAjLoXf
            2jbqHG91j/57s5XU49yjpxfe3LG1H3/so28wbTAdBgNVHQ4EFgQUpeZZtpImQ8VR
            1N5DkrssFBgLix0wHwYDVR0jBBgwFoAUpeZZtpImQ8VR1N5DkrssFBgLix0wDwYD
            VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
            zj0EAwIDSQAwRgIhAJ26sGJ3ILEXjCg9gXMhP/5BP8DTu08mHTUK7qWfFZfJAiEA
            kPG4IKhb42p0rPqUzvCeDpLNtN2V7bdarUQht6RdrlE=
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgpRm1A7z3f1EsDrIV
            dtL5VylVYziGWgKhEuxKCerwQsihRANCAASqdQy8HBodFNefpMuOfkip2nEhaLYn
            9s0dlOMZeFsSZWZNNIAjLoXf2jbqHG91j/57s5XU49yjpxfe3LG1H3/s
            -----END PRIVATE KEY-----
            """,
        pin: "sha256//9N30vvE2tdxIsj++/HTKB1UQmHdxsTHWgcTmbDCy+wk="
    )

    /// Of `provider.test`, signed by `authority`.
    package static let provider = TestIdentity(
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBsjCCAVegAwIBAgIUKkBIXMwj3KWgE3zjfoldq6MeNX0wCgYIKoZIzj0EAwIw
            GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTI1MTAzMjU0WhgPMjEy
            NjExMDExMDMyNTRaMBgxFjAUBgNVBAMMDXByb3ZpZGVyLnRlc3QwWTATBgcqhkjO
            PQIBBggqhkjOPQMBBwNCAARbaojcnHBziGOx8xiknICAoNPXWE2ybE51yLqawWGU
            iuOrrgNRmrsnwfGWHZqDlFJvI6z6lPK2efoUS9KdmGuCo3wwejAYBgNVHREEETAP
            gg1wcm92aWRlci50ZXN0MAkGA1UdEwQCMAAwEwYDVR0lBAwwCgYIKwYBBQUHAwEw
            HQYDVR0OBBYEFBytUNCf7OQDvIddRoG8Q9rkbBU1MB8GA1UdIwQYMBaAFOIE2qZi
            62re0XkVRRuRlaeqlkrDMAoGCCqGSM49BAMCA0kAMEYCIQCIBhJBvYhfYQqUUk1C
            xrHRsQf5NumNicuBWWbotM8mFgIhAKaIZToRwzTCE9msXf9jROi99BZlFy3F/Tet
            W5Ywdg1M
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3QPyQ6SgOAOE7qGZ
            jxLu8gtO5GYT2izwMCa9hkctZRuhRANCAARbaojcnHBziGOx8xiknICAoNPXWE2y
            bE51yLqawWGUiuOrrgNRmrsnwfGWHZqDlFJvI6z6lPK2efoUS9KdmGuC
            -----END PRIVATE KEY-----
            """,
        pin: ""
    )

    /// The certificate of a private authority, as an enterprise hands it out. Nobody has its key any more.
    package static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBmTCCAT+gAwIBAgIUPikokBuApGimW0Fi3cI508TCUVYwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTI1MTAzMjU0WhgPMjEy
        NjExMDExMDMyNTRaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAECPPd/gLQPrOOpi1cclWZ/9OFTYWhIEULUzyKQTWm
        m7BEWrmYOOdHZ4ZWBQswMRF5A3gXnmHEuUh3v7I58E8bbqNjMGEwHQYDVR0OBBYE
        FOIE2qZi62re0XkVRRuRlaeqlkrDMB8GA1UdIwQYMBaAFOIE2qZi62re0XkVRRuR
        laeqlkrDMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49
        BAMCA0gAMEUCIAoIx6d6o0CVxjsIkMe4WzsnKMAWs8PLpXf48edQGTP6AiEAukkJ
        /BTjIGnz3urHAGruhY2DZ9DB2DLGj3Z5N+Mg6Rk=
        -----END CERTIFICATE-----
        """
}
