import '../service.ts'
