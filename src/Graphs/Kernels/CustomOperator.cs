using System.Runtime.InteropServices;
using System.Text;

namespace LmmRec.Graphs.Kernels;

/// <summary>
/// <c>struct OrtCustomOp</c> of onnxruntime_c_api.h, field by field, and behind it a handle to the kernel that it stands for. ONNX Runtime passes
/// the struct's address to each callback. It lives in native memory until the process ends, as the domain that holds it does.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CustomOperator
{
    private uint _version;
    private readonly void* _createKernel;
    private delegate* unmanaged<CustomOperator*, byte*> _getName;
    private delegate* unmanaged<CustomOperator*, byte*> _getExecutionProviderType;
    private delegate* unmanaged<CustomOperator*, nuint, ElementType> _getInputType;
    private delegate* unmanaged<CustomOperator*, nuint> _getInputTypeCount;
    private delegate* unmanaged<CustomOperator*, nuint, ElementType> _getOutputType;
    private delegate* unmanaged<CustomOperator*, nuint> _getOutputTypeCount;
    private readonly void* _kernelCompute;
    private delegate* unmanaged<void*, void> _kernelDestroy;
    private delegate* unmanaged<CustomOperator*, nuint, int> _getInputCharacteristic;
    private delegate* unmanaged<CustomOperator*, nuint, int> _getOutputCharacteristic;
    private delegate* unmanaged<CustomOperator*, nuint, int> _getInputMemoryType;
    private delegate* unmanaged<CustomOperator*, int> _getVariadicInputMinArity;
    private delegate* unmanaged<CustomOperator*, int> _getVariadicInputHomogeneity;
    private delegate* unmanaged<CustomOperator*, int> _getVariadicOutputMinArity;
    private delegate* unmanaged<CustomOperator*, int> _getVariadicOutputHomogeneity;
    private delegate* unmanaged<CustomOperator*, void*, void*, void**, void*> _createKernelV2;
    private delegate* unmanaged<void*, void*, void*> _kernelComputeV2;
    private readonly void* _inferOutputShape;
    private delegate* unmanaged<CustomOperator*, int> _getStartVersion;
    private delegate* unmanaged<CustomOperator*, int> _getEndVersion;
    private readonly void* _getMayInplace;
    private readonly void* _releaseMayInplace;
    private readonly void* _getAliasMap;
    private readonly void* _releaseAliasMap;

    private nint _kernel;
    private byte* _name;

    public static CustomOperator* Of(Kernel kernel)
    {
        var op = (CustomOperator*)NativeMemory.AllocZeroed((nuint)sizeof(CustomOperator));
        op->_version = OrtApi.Version;
        op->_getName = &GetName;
        op->_getExecutionProviderType = &GetExecutionProviderType;
        op->_getInputType = &GetInputType;
        op->_getInputTypeCount = &GetInputTypeCount;
        op->_getOutputType = &GetOutputType;
        op->_getOutputTypeCount = &GetOutputTypeCount;
        op->_kernelDestroy = &KernelDestroy;
        op->_getInputCharacteristic = &GetInputCharacteristic;
        op->_getOutputCharacteristic = &GetOutputCharacteristic;
        op->_getInputMemoryType = &Zero;
        op->_getVariadicInputMinArity = &Zero;
        op->_getVariadicInputHomogeneity = &Zero;
        op->_getVariadicOutputMinArity = &Zero;
        op->_getVariadicOutputHomogeneity = &Zero;
        op->_createKernelV2 = &CreateKernel;
        op->_kernelComputeV2 = &Compute;
        op->_getStartVersion = &GetStartVersion;
        op->_getEndVersion = &GetEndVersion;
        op->_kernel = GCHandle.ToIntPtr(GCHandle.Alloc(kernel));
        op->_name = NativeText(kernel.Name);
        return op;
    }

    /// <summary>Zero-ended UTF-8 in native memory that is never freed.</summary>
    public static byte* NativeText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var native = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(native, bytes.Length));
        return native;
    }

    private readonly Kernel Kernel => (Kernel)GCHandle.FromIntPtr(_kernel).Target!;

    [UnmanagedCallersOnly]
    private static byte* GetName(CustomOperator* op) => op->_name;

    /// <summary>Null: the CPU.</summary>
    [UnmanagedCallersOnly]
    private static byte* GetExecutionProviderType(CustomOperator* op) => null;

    [UnmanagedCallersOnly]
    private static ElementType GetInputType(CustomOperator* op, nuint index) => op->Kernel.Inputs[(int)index].Type;

    [UnmanagedCallersOnly]
    private static nuint GetInputTypeCount(CustomOperator* op) => (nuint)op->Kernel.Inputs.Count;

    [UnmanagedCallersOnly]
    private static ElementType GetOutputType(CustomOperator* op, nuint index) => op->Kernel.Outputs[(int)index].Type;

    [UnmanagedCallersOnly]
    private static nuint GetOutputTypeCount(CustomOperator* op) => (nuint)op->Kernel.Outputs.Count;

    [UnmanagedCallersOnly]
    private static int GetInputCharacteristic(CustomOperator* op, nuint index) => op->Kernel.Inputs[(int)index].Optional ? 1 : 0;

    [UnmanagedCallersOnly]
    private static int GetOutputCharacteristic(CustomOperator* op, nuint index) => op->Kernel.Outputs[(int)index].Optional ? 1 : 0;

    /// <summary>Default memory; nothing is variadic.</summary>
    [UnmanagedCallersOnly]
    private static int Zero(CustomOperator* op, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int Zero(CustomOperator* op) => 0;

    [UnmanagedCallersOnly]
    private static int GetStartVersion(CustomOperator* op) => 1;

    [UnmanagedCallersOnly]
    private static int GetEndVersion(CustomOperator* op) => int.MaxValue;

    /// <summary>Kernels have no state: the operator itself is handed to <see cref="Compute"/>.</summary>
    [UnmanagedCallersOnly]
    private static void* CreateKernel(CustomOperator* op, void* api, void* info, void** kernel)
    {
        *kernel = op;
        return null;
    }

    [UnmanagedCallersOnly]
    private static void KernelDestroy(void* kernel)
    {
    }

    [UnmanagedCallersOnly]
    private static void* Compute(void* op, void* context)
    {
        var kernel = ((CustomOperator*)op)->Kernel;
        try
        {
            kernel.Compute(new KernelContext(context));
            return null;
        }
#pragma warning disable CA1031 // an exception may not cross the runtime's native frames; the run fails with its message
        catch (Exception e)
#pragma warning restore CA1031
        {
            return OrtApi.CreateStatus($"{kernel.Name}: {e.Message}");
        }
    }
}
