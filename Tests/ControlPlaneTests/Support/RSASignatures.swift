import Domain

/// Made once with OpenSSL, so by an implementation that is not ours: a key of 2,048 bits, and what it has signed of
/// `{"alg":"RS256"}.{"sub":"ann"}`, with each algorithm's name in the header.
enum RSASignatures {
    static let modulus = """
        rADZYf_7RgeJYewfsvxiGde8fU58k_KZKiMxdQ5Vuxcspw_zI7IcP_wZpS9NEayYpuwfjvTKPgXwBwVVXEdSEITwoO--c0YDXl082KMK\
        q3anI2TGUq7rKEyW6vrhU73Qihvakl68iT6o8SdZ5FpQr6UG6qQfvUv-81JMN9K00aJdMSjBzdvanlWLaiRm53vuRw-frAv4ZikoamfO\
        U2v3jaUFLrPNDRZL5PcL6FiFmt1RzpXUURD4AaLkqJ4wt5IHVgbzB82sMaI2TawMGiq4TrJRdR7kOIQVxreXVnXKk8EH55y6nKHmCUMK\
        mVRA-uyxNNP_nuhVqIqt3ANsJyOqcw
        """

    static let byAlgorithm: [TokenAlgorithm: String] = [
        .rs256: """
        hMheeahL7q0ad2tNurSZE5OFF_8u7nBx6d8rxQkYArsPJdfeSyApewcDw0uuGAW_qfbhzYyvu0DqQ5ejeVEYlWtHPtEgmHditb0I\
        rUmHyAleyAKl0EkpsUZBf43QF-UazI_c4W_htdodLvkm2HPn0IlbtWz5WGgxxCpXDutNoZF_I1oja5w3IXCycdOYWkTR5RAsCu84\
        ksJrSeV1Rl5TjJ_-7pruiCVVKLSv-R1zswRe5WoYesHByVdeKYq3RamnUhr4YXMVxMY9gMVtysZce8YN6WEEuAl_F_GDXPaFBlEw\
        v8P00XX80UKoGrqyW8rrRJ9DxbsdIph53rH30xq8LA
        """,
        .rs384: """
        Qhvz8NaU1O4310t9X7Na5qhcJ0vitf7OID7Q_FEveJsY8ZhPPLursrmhkyWIqXWiOUk605TQGIF5jdidB62mBTXtkOaiSimPcncd\
        dB5vU0tAqKPHnLAosL8GdtmCgTfhwrsdotkPohzg122r58Bz_LDOJ2jLJmi1D9QMQ2K36YXESkDZX8oysZBi5gSky8rogBncz9JR\
        B4T5SVcxiQO9oH92NJjNzcdrJD0kagzgvydCWwm-xJyyqnJQD2PTQoOi_r25vVawG3R0bAULsp_bgdhwAkS3xZkqZf7MMr697xNe\
        utOTzyFIpKGXu2k6MyN5wYrxXgrOs1zxgx5PrrJSDA
        """,
        .rs512: """
        kfchNXfkn8BxjREU03cncCD0fJJSXJe8zjPFurURtWELQc7QHLlHfht-gd_dI3ZN25tdiHZXDsg2kauqapvgBa-yTdQw8BPkFryg\
        4itt-lx2iu5-JB1bdi6QhNvDjFLWBD5Kvbz7FdfbtoXHzJmo_N5-Wfnx1GSlWCmZVjmPTAuew3jRapPlvv0g3pV2t6fXoSjfVMY4\
        BKrZ1v8n87ZAx45TD3hfyo7b3BmP45HSlqKbCUI2o3o1tW_ykzVZ2mbWx2yfH5gNZzlz8e5aj849y1jDSd64-CqebWgdKCEzmNMQ\
        OGR-OHOR9ZvGIXvTb2VSeexvhqgSoq0eglAVFfqTgw
        """,
        .ps256: """
        ZQ9Xxfmp17lUKlQOXDXEr3rrcjBO1z94wSHZC_xduHdCgH1TdU_4o0qaXlMebfPIq0ZFtcvN1Z0sd82v8kGLInKxKymHQv46XhPG\
        q3m9MMNt8X31QMT0DHhBSzeteltr1uqLvCQrr7Av5RWkj3BnCE3zf1ywHLTS4-YIYaAvNO139obvt4kEQQN_VTDqTjwbYiLa5MR0\
        YKTQuadChueyyy-xDHah6gvE3fQBKDDXiZ6NLV4EK7xXFfOa8KjMu75GmeAUuTwIUeZ5LUGD_QmnW2qjSuteKDnUejYW5XgKo90O\
        rYOgmT4GxnqLfhVe5FMtTeXnDEVi6cZ6yLHWf-SEuQ
        """,
        .ps384: """
        O2_v2D_WV4cILV-po851uSwCh9EDoQOXj0i7ZBFP8-KKR9ifJY2nbUZ4U21aeZW10pD5TawWElc_G8TX4FzlMLhVJALu-4GlA8LM\
        ORv9Q12h88AvhMs0B5uvFXi8sy-BCuSJjUbXE2OxRB5P6OVfN0fH7F97E-Bhp2qdd1Hp8VilW4AcEZa31Y1TrhrV__RbfvDQ09P4\
        SG4Fm-z7KLd9D2MSu7NpMLKlNwDshw7sKVQehW4oMPcFo4L09DCU_9PLgPitWxrAax8KPkxVXtD_flLFcB_mG1K-VFzbPXgYx37T\
        x-xwedF5T7F7pPJgxgf04DJrBHb_hIrbrx88JfSAtw
        """,
        .ps512: """
        luBEE6ZFSojfh0Dfyh_CMkCBGQ-iYaDC0DEp-cJS6LbJANRUMXKCdK6Kxztd4MWS65xiYLFAvmpd-XU0AxmNCo620PgwWfGo_yK9\
        2dBEW_1qoQ9hD2Ca4r4-nTmKQnvB5ScXgk6v62QQ4uNVWGfznYM0QbzvIJ5B01PaE8qUji2C90V_DljWXhwFuPHea3yjVR5by4XF\
        2ULpRr7aZ9fKyyTuLBtxiUK88ReUb5Rixflf63dJov2Szrtb2gp6G0FJ46v_Nlqcdlak8AARwMaDD6KjyooUe4EkdnSyyB2cEURP\
        zLrm8NiLPAZ-jyDl5bSXzEJcnvlGqdRENwYzgsut1w
        """,
    ]
}
