using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Google.Protobuf;
using LmmRec.Artifacts.Steps;
using Microsoft.ML.OnnxRuntime;

namespace LmmRec.Graphs;

/// <summary>A card of NVIDIA's, which ONNX Runtime's CUDA provider computes on (docs/gpu.md).</summary>
internal static partial class CudaDevice
{
    private const string Provider = "CUDAExecutionProvider";

    // What the provider links, and what it opens when it is first needed.
    private static readonly IReadOnlyList<string> Libraries =
        ["libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libcurand.so.10", "libcufft.so.12", "libcudnn.so.9"];

    private const string Driver = "libcuda.so.1";

    /// <summary>Makes sessions with <paramref name="options"/> run on <paramref name="device"/>.</summary>
    /// <exception cref="DeviceUnavailableException">It is no device, or nothing here computes on it.</exception>
    public static void AddTo(SessionOptions options, string device, CudaOptions cuda)
    {
        var number = NumberOf(device);
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(Provider))
            throw new DeviceUnavailableException(
                $"device '{device}' was asked for, and this build computes on processors only: build with -p:Accelerator=cuda (it takes the package Microsoft.ML.OnnxRuntime.Gpu.Linux), or ask for the device cpu");
        try
        {
            using var provider = new OrtCUDAProviderOptions();
            provider.UpdateOptions(ProviderOptions(number, cuda));
            options.AppendExecutionProvider_CUDA(provider);
        }
        catch (OnnxRuntimeException e)
        {
            throw Unavailable(device, e);
        }
    }

    /// <summary>Computes something on <paramref name="device"/>: that a session takes the provider does not say that there is a card.</summary>
    /// <exception cref="DeviceUnavailableException">It cannot be used; the message says what is missing.</exception>
    public static void Require(string device, CudaOptions cuda)
    {
        var level = OrtEnv.Instance().EnvLogLevel;
        OrtEnv.Instance().EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL; // the runtime would write lines of its own to standard error
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
            AddTo(options, device, cuda);
            using var session = new InferenceSession(Convolution, options);
            using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var x = OrtValues.Wrap(TensorData.Zeros(ElementType.Float32, 1, 3, 8, 8));
            session.Run(run, ["x"], [x], ["y"]).Dispose();
        }
        catch (OnnxRuntimeException e)
        {
            throw Unavailable(device, e);
        }
        finally
        {
            OrtEnv.Instance().EnvLogLevel = level;
        }
    }

    /// <summary>What a failure of ONNX Runtime says to the user: that the device's memory is full, or else <paramref name="what"/> and the failure.</summary>
    public static Exception Failure(RuntimeOptions options, string what, OnnxRuntimeException e) =>
        options.Device != "cpu" && NoMemory().Match(e.Message) is { Success: true } match
            ? Full(options, match.Groups["bytes"] is { Success: true, Value: var bytes } ? $"{bytes} bytes more: {what}" : $"what is asked of it: {what}", e)
            : new GraphException($"{what}: {e.Message.Trim()}", e);

    /// <summary>Says that there is no memory left for <paramref name="wanted"/>.</summary>
    public static DeviceUnavailableException Full(RuntimeOptions options, string wanted, OnnxRuntimeException e) => new(
        $"device '{options.Device}' has no memory left for {wanted}; " + (options.Cuda.MemoryLimit is { } limit
            ? $"cuda.memoryLimit lets each open graph take {limit} MiB: raise it, or make the batch smaller"
            : "cuda.memoryLimit sets no limit, so the device itself is full: make the batch smaller, or end what else runs there"), e);

    // A product would do without cuDNN, which encoders need.
    private static byte[] Convolution
    {
        get
        {
            var g = new Graph("convolution");
            g.Output("y", g.Input("x", ElementType.Float32, [1, 3, 8, 8]).Conv(g.Constant(TensorData.Zeros(ElementType.Float32, 4, 3, 3, 3)), null, stride: 1));
            return GraphFile.ToModel(g, g.Outputs.Keys, ParametersAs.Initializers).ToByteArray();
        }
    }

    private static Dictionary<string, string> ProviderOptions(int number, CudaOptions cuda)
    {
        var options = new Dictionary<string, string>
        {
            ["device_id"] = number.ToString(CultureInfo.InvariantCulture),
            ["use_tf32"] = cuda.Tf32 ? "1" : "0",
            ["cudnn_conv_algo_search"] = cuda.ConvolutionSearch.ToString().ToUpperInvariant(),
        };
        if (cuda.MemoryLimit is { } limit) options["gpu_mem_limit"] = ((long)limit << 20).ToString(CultureInfo.InvariantCulture);
        return options;
    }

    /// <summary>What the driver calls a device; null: it does not say.</summary>
    public static unsafe string? NameOf(string device)
    {
        if (!NativeLibrary.TryLoad(Driver, out var driver)) return null;
        try
        {
            if (!NativeLibrary.TryGetExport(driver, "cuInit", out var initialize) || !NativeLibrary.TryGetExport(driver, "cuDeviceGet", out var get)
                || !NativeLibrary.TryGetExport(driver, "cuDeviceGetName", out var name)) return null;
            int handle;
            var text = stackalloc byte[256];
            var failed = ((delegate* unmanaged[Cdecl]<uint, int>)initialize)(0) != 0
                || ((delegate* unmanaged[Cdecl]<int*, int, int>)get)(&handle, NumberOf(device)) != 0
                || ((delegate* unmanaged[Cdecl]<byte*, int, int, int>)name)(text, 256, handle) != 0;
            return failed ? null : Marshal.PtrToStringUTF8((nint)text);
        }
        finally
        {
            NativeLibrary.Free(driver);
        }
    }

    private static int NumberOf(string device)
    {
        var number = 0;
        return device.Split(':') is ["cuda", .. var rest] && (rest is [] || (rest is [var digits] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)))
            ? number
            : throw new DeviceUnavailableException($"'{device}' is no device; allowed: cpu, cuda, cuda:0, cuda:1, …");
    }

    private static DeviceUnavailableException Unavailable(string device, OnnxRuntimeException e)
    {
        var missing = Libraries.Where(name => !IsThere(name)).ToList();
        var (what, remedy) = missing.Count > 0 ? ($"not found: {string.Join(", ", missing)}", "install CUDA 13 and cuDNN 9, or name the folders of these libraries in LD_LIBRARY_PATH")
            : !IsThere(Driver) ? ($"not found: {Driver}", "install the driver of NVIDIA's card")
            : ($"the libraries of CUDA 13 and cuDNN 9 are there, and no such card answers: {FailureIn(e.Message)}", "'nvidia-smi -L' lists the cards");
        return new DeviceUnavailableException($"device '{device}' cannot be used; {what}; {remedy}, or ask for the device cpu", e);
    }

    // The words of the runtime's arena, of CUDA, and of cuBLAS and cuDNN.
    [GeneratedRegex(@"(?:requested buffer of size|requested bytes of) (?<bytes>\d+)|out of memory|_ALLOC_FAILED")]
    private static partial Regex NoMemory();

    private static bool IsThere(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle)) return false;
        NativeLibrary.Free(handle);
        return true;
    }

    // Before it stand names of functions, after it places in the runtime's sources and the name of this machine.
    private static string FailureIn(string message) => Regex.Match(message, @"\b(CUDA|CUBLAS|CUDNN\w*) failure [^;\n]*") is { Success: true } failure ? failure.Value.Trim() : message.Trim();
}
