using System.Runtime.InteropServices;

namespace LmmRec.Train.Tests;

/// <summary>What native code writes to standard error, such as ONNX Runtime its log.</summary>
internal static partial class NativeErrors
{
    private const int StandardError = 2;

    /// <summary>The lines that are written while <paramref name="action"/> runs; they are written nowhere else.</summary>
    public static string[] During(string file, Action action)
    {
        var before = Duplicate(StandardError);
        using (var target = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read))
            Check(Replace((int)target.SafeFileHandle.DangerousGetHandle(), StandardError));
        try
        {
            action();
        }
        finally
        {
            Check(Replace(Check(before), StandardError));
            Check(Close(before));
        }
        return File.ReadAllLines(file);
    }

    private static int Check(int result) => result >= 0 ? result : throw new IOException($"standard error cannot be redirected: error {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Replace(int source, int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
