using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using LmmRec.Artifacts.Steps;
using LmmRec.Graphs.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>How ONNX Runtime runs a graph. Nothing here changes results, except that another device, and the kernels, may round differently.</summary>
public sealed record RuntimeOptions
{
    /// <summary>The version of ONNX Runtime that runs the graphs.</summary>
    public static string Version => OrtEnv.Instance().GetVersionString();

    /// <summary>
    /// The instructions of this processor by which the kernels are chosen, such as <c>avx512-vnni</c>: others sum floats in another order, and without
    /// <c>vnni</c> sums of products of 8 bits may overflow.
    /// </summary>
    public static string Instructions { get; } =
        Avx512BW.IsSupported ? (X86Base.CpuId(7, 0).Ecx & Avx512Vnni) != 0 ? "avx512-vnni" : "avx512"
        : Avx2.IsSupported ? AvxVnni.IsSupported ? "avx2-vnni" : "avx2"
        : Dp.IsSupported ? "neon-dotprod"
        : RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private const int Avx512Vnni = 1 << 11; // .NET has no class for it

    /// <summary><c>cpu</c> (default), <c>cuda</c> or <c>cuda:n</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>How a card computes, where the device is one.</summary>
    public CudaOptions Cuda { get; init; } = new();

    /// <summary>Threads inside one operator; 0 (default) takes all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Whether waiting threads spin. Off by default: it gains little on a quiet machine and costs much on a busy one.</summary>
    public bool Spinning { get; init; }

    /// <summary>Whether freed memory is kept for the next run. On by default: small steps are some three times slower without it.</summary>
    public bool Arena { get; init; } = true;

    /// <summary>Whether memory is planned from the first run's shapes. Off by default: it takes a third more at no gain in time.</summary>
    public bool MemoryPattern { get; init; }

    /// <summary>
    /// Whether the library's own CPU kernels run its operators (<see cref="Own"/>, sparse products). On by default; off, and on other devices, the
    /// functions of standard operators run that every file carries.
    /// </summary>
    public bool Kernels { get; init; } = true;

    /// <summary>Makes the memory of a training; tests put another one in its place.</summary>
    internal Func<RuntimeOptions, TensorMemory> Memory { get; init; } = TensorMemory.Of;

    /// <summary>Whether the kernels run in sessions with these options.</summary>
    internal bool RunsKernels => Kernels && Device == "cpu";

    /// <summary>As a step is told to run graphs.</summary>
    public static RuntimeOptions Of(StepContext context) => new() { Device = context.Device, Cuda = context.Cuda, Threads = context.Threads };

    /// <summary>What the driver calls the card of <see cref="Device"/>, such as <c>NVIDIA H200</c>; null: it is none, or the driver does not say.</summary>
    public string? Card => Device == "cpu" ? null : CudaDevice.NameOf(Device);

    /// <summary>Fails where <see cref="Device"/> is not there, so that a caller can find out before the work begins.</summary>
    /// <exception cref="DeviceUnavailableException">The CUDA provider or the device is not there.</exception>
    public void RequireDevice()
    {
        if (Device != "cpu") CudaDevice.Require(Device, Cuda);
    }

    /// <param name="sharedArena">
    /// whether the session takes its memory from the arena of the process, which is never given back: sessions that take turns need no more than one
    /// of them
    /// </param>
    /// <inheritdoc cref="RequireDevice" path="/exception"/>
    internal SessionOptions ToSessionOptions(bool sharedArena = false)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = Threads,
            EnableCpuMemArena = Arena,
            EnableMemoryPattern = MemoryPattern,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", Spinning ? "1" : "0");
        if (Arena && sharedArena && RegisteredArena.Value) options.AddSessionConfigEntry("session.use_env_allocators", "1");
        if (RunsKernels) options.AddKernels();
        if (Device != "cpu") CudaDevice.AddTo(options, Device, Cuda);
        return options;
    }

    // Extended by powers of two (0), it is used again by shapes that differ a little; by what was asked for, it grows beyond them.
    private static readonly Lazy<bool> RegisteredArena = new(() =>
    {
        using var memory = new OrtMemoryInfo("Cpu", OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var configuration = new OrtArenaCfg(maxMemory: 0, arenaExtendStrategy: 0, initialChunkSizeBytes: -1, maxDeadBytesPerChunk: -1);
        OrtEnv.Instance().CreateAndRegisterAllocator(memory, configuration);
        return true;
    });
}
