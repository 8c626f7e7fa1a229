package cn.yinxin;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Verifies documents in-process: one call in, one JSON report out (schema yinxin.report/1).
 *
 * <p>Opens a trust folder once; {@link #verify} may then be called from many threads. The native library
 * {@code libyinxin} is found through {@code jna.library.path} or the system's library path.
 */
public final class Yinxin implements AutoCloseable {
    /** The C ABI, as yinxin.h states it. */
    interface Native0 extends Library {
        int yx_call(String op, byte[] request, long requestLen, PointerByReference reply, LongByReference replyLen);

        void yx_free(Pointer reply, long replyLen);
    }

    /** A call that has no report: the request was wrong, or a folder could not be read. */
    public static final class CallException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        /** The class, as in yinxin.h: 2 usage, 4 malformed, 6 denied, 70 internal. */
        public final int code;

        CallException(int code, String reply) {
            super(reply);
            this.code = code;
        }
    }

    private static final Native0 LIBRARY = Native.load("yinxin", Native0.class);

    private final long trust;

    /** Opens a folder of certificates, revocation lists, genesis and checkpoints. */
    public Yinxin(String trustDir) {
        String reply = call("trust.open", "{\"dir\":" + quote(trustDir) + "}", new byte[0]);
        int at = reply.indexOf("\"trust\":") + 8;
        int end = at;
        while (end < reply.length() && Character.isDigit(reply.charAt(end))) end++;
        trust = Long.parseLong(reply.substring(at, end));
    }

    /** Verifies a file as of now. */
    public String verify(byte[] content) {
        return call("verify", "{\"trust\":" + trust + "}", content);
    }

    /** Verifies a file as of a time such as 2026-11-22 or 2026-11-22T08:00:00Z. */
    public String verifyAt(byte[] content, String time) {
        return call("verify", "{\"trust\":" + trust + ",\"at\":" + quote(time) + "}", content);
    }

    @Override
    public void close() {
        call("trust.close", "{\"trust\":" + trust + "}", new byte[0]);
    }

    static String call(String op, String options, byte[] content) {
        byte[] json = options.getBytes(StandardCharsets.UTF_8);
        byte[] request = ByteBuffer.allocate(4 + json.length + content.length).putInt(json.length).put(json).put(content).array();
        PointerByReference reply = new PointerByReference();
        LongByReference len = new LongByReference();
        int code = LIBRARY.yx_call(op, request, request.length, reply, len);
        Pointer pointer = reply.getValue();
        String text;
        try {
            text = new String(pointer.getByteArray(0, (int) len.getValue()), StandardCharsets.UTF_8);
        } finally {
            LIBRARY.yx_free(pointer, len.getValue());
        }
        if (code != 0) throw new CallException(code, text);
        return text;
    }

    private static String quote(String s) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }
}
