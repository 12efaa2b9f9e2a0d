using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LmmRec.Graphs;

/// <summary>
/// Switches off ONNX Runtime's telemetry, which is on by default: it writes a device id and a queue of events under <c>~/.cache</c> and sends
/// them to its makers. The variable has to stand before the first call into the runtime, so it is set when this library is loaded.
/// </summary>
internal static partial class Telemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY", Off = "1";

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "the one place that every way into the runtime passes")]
    internal static void SwitchOff()
    {
        // .NET keeps a copy of the environment on Unix, and what is set in it no native library sees.
        if (OperatingSystem.IsWindows()) Environment.SetEnvironmentVariable(Variable, Off);
        else if (SetVariable(Variable, Off, overwrite: 1) != 0) throw new GraphException($"the environment variable {Variable} cannot be set (error {Marshal.GetLastPInvokeError()})");
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
