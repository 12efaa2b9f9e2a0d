using System.Runtime.InteropServices;
using System.Text;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// The part of ONNX Runtime's C API that custom operators need and its C# package does not offer. The API is a table of function pointers whose
/// order never changes (onnxruntime_c_api.h, <c>struct OrtApi</c>); the numbers here are places in that table.
/// </summary>
internal static unsafe partial class OrtApi
{
    /// <summary>ORT_API_VERSION of the headers that this file and <see cref="CustomOperator"/> follow.</summary>
    public const uint Version = 31;

    private static readonly void** Table = Load();

    /// <summary>A status that makes the run fail with <paramref name="message"/>; null is success.</summary>
    public static void* CreateStatus(string message)
    {
        const int Fail = 1;
        fixed (byte* text = Encoding.UTF8.GetBytes(message + '\0'))
            return ((delegate* unmanaged<int, byte*, void*>)Table[0])(Fail, text);
    }

    public static void* CreateCustomOpDomain(byte* name)
    {
        void* domain;
        Check(((delegate* unmanaged<byte*, void**, void*>)Table[26])(name, &domain));
        return domain;
    }

    public static void AddToDomain(void* domain, CustomOperator* op) =>
        Check(((delegate* unmanaged<void*, CustomOperator*, void*>)Table[27])(domain, op));

    public static void AddDomainToSession(nint sessionOptions, void* domain) =>
        Check(((delegate* unmanaged<nint, void*, void*>)Table[28])(sessionOptions, domain));

    /// <summary>Gives a session's options the contents of files that its model takes weights from, by their names in the model.</summary>
    public static void AddFilesInMemory(nint sessionOptions, void** names, void** contents, nuint* lengths, int count) =>
        Check(((delegate* unmanaged<nint, void**, void**, nuint*, nuint, void*>)Table[279])(sessionOptions, names, contents, lengths, (nuint)count));

    /// <summary>The input of a running kernel; null where an optional one is left out.</summary>
    public static void* Input(void* context, int index)
    {
        void* value;
        Check(((delegate* unmanaged<void*, nuint, void**, void*>)Table[90])(context, (nuint)index, &value));
        return value;
    }

    /// <summary>Allocates the output of a running kernel, or finds the buffer that the caller bound for it.</summary>
    public static void* Output(void* context, int index, ReadOnlySpan<long> shape)
    {
        void* value;
        fixed (long* dims = shape)
            Check(((delegate* unmanaged<void*, nuint, long*, nuint, void**, void*>)Table[91])(context, (nuint)index, dims, (nuint)shape.Length, &value));
        return value;
    }

    public static void* Data(void* value)
    {
        void* data;
        Check(((delegate* unmanaged<void*, void**, void*>)Table[51])(value, &data));
        return data;
    }

    public static long[] Shape(void* value)
    {
        void* info;
        nuint rank;
        Check(((delegate* unmanaged<void*, void**, void*>)Table[65])(value, &info));
        Check(((delegate* unmanaged<void*, nuint*, void*>)Table[61])(info, &rank));
        var shape = new long[rank];
        fixed (long* dims = shape)
            Check(((delegate* unmanaged<void*, long*, nuint, void*>)Table[62])(info, dims, rank));
        ((delegate* unmanaged<void*, void>)Table[99])(info);
        return shape;
    }

    /// <summary>Calls <paramref name="body"/> with 0 … <paramref name="total"/> − 1 on the session's threads; each takes the next number when it is free.</summary>
    public static void ParallelFor(void* context, int total, delegate* unmanaged<void*, nuint, void> body, void* state) =>
        Check(((delegate* unmanaged<void*, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, void*>)Table[274])(
            context, body, (nuint)total, (nuint)total, state));

    private static void Check(void* status)
    {
        if (status is null) return;
        var message = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<void*, byte*>)Table[2])(status));
        ((delegate* unmanaged<void*, void>)Table[93])(status);
        throw new GraphException($"ONNX Runtime: {message}");
    }

    private static void** Load()
    {
        var getApi = ((delegate* unmanaged<uint, void**>*)OrtGetApiBase())[0];
        var table = getApi(Version);
        return table is not null ? table : throw new GraphException($"the installed ONNX Runtime has no API of version {Version}: install Microsoft.ML.OnnxRuntime 1.{Version} or newer");
    }

    [LibraryImport("onnxruntime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void* OrtGetApiBase();
}
